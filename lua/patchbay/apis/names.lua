--- The vendors that the module comes with: the names of their constructors and of their files in this folder.
return { "telegent", "convirza", "crazytel" }
