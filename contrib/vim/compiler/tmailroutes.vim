" :compiler tmailroutes, then :make - the faults of this file in the quickfix list.
if exists('current_compiler')
	finish
endif
let current_compiler = 'tmailroutes'

CompilerSet makeprg=tmail\ routes\ check\ %:S
CompilerSet errorformat=%f:%l:%c:\ %t%*[^:]:\ %m,%-G%.%#
