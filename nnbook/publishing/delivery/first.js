(function(d){var m="auto";try{m=localStorage.getItem("mode")||m}catch(e){}
if(m!=="dark"&&m!=="light")m="auto";d.dataset.mode=m;
d.dataset.theme=m==="auto"?(matchMedia("(prefers-color-scheme: dark)").matches?"dark":"light"):m;
d.style.colorScheme=d.dataset.theme})(document.documentElement)
