document.getElementById('send').submit();
