@rem npm runs a script by cmd.exe on Windows, which has no exec: this file runs what follows. In sh, exec replaces the shell.
@%*
