(function(d,s){var m="auto";try{m=localStorage.getItem("mode")||m}catch(e){}
if(m!=="dark"&&m!=="light")m="auto";d.dataset.mode=m;
d.dataset.theme=m==="auto"?(matchMedia("(prefers-color-scheme: dark)").matches?"dark":"light"):m;
d.style.colorScheme=d.dataset.theme;
function add(tag,values){document.head.append(Object.assign(document.createElement(tag),values))}
if(s.fonts&&location.protocol!=="file:")s.fonts.split(" ").forEach(function(f){add("link",{rel:"preload",as:"font",crossOrigin:"",href:f})});
function load(){if(s.script)add("script",{src:s.script})}
requestAnimationFrame(function(){setTimeout(function(){
if(document.readyState==="loading")addEventListener("DOMContentLoaded",load);else load()})})
})(document.documentElement,document.currentScript.dataset)
