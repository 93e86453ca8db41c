" A linter for ALE: the text as it is in the buffer, saved or not.

" Columns of tmail count characters, those of ALE bytes.
function! s:Byte(buffer, line, column) abort
	let l:text = get(getbufline(a:buffer, a:line), 0, '')
	let l:byte = byteidx(l:text, a:column - 1)
	return (l:byte < 0 ? strlen(l:text) : l:byte) + 1
endfunction

function! ale_linters#tmailroutes#tmail#Handle(buffer, lines) abort
	let l:found = []
	for l:line in a:lines
		let l:fault = json_decode(l:line)
		let l:item = {'lnum': l:fault.line, 'end_lnum': l:fault.end_line,
		\	'type': l:fault.severity is# 'error' ? 'E' : 'W',
		\	'code': l:fault.slug, 'text': l:fault.message}
		if l:fault.help isnot# v:null
			let l:item.text .= ': ' . l:fault.help
		endif
		if l:fault.file is# bufname(a:buffer) || l:fault.file is# fnamemodify(bufname(a:buffer), ':p')
			let l:item.col = s:Byte(a:buffer, l:fault.line, l:fault.column)
			let l:item.end_col = s:Byte(a:buffer, l:fault.end_line, l:fault.end_column) - 1
		else
			let l:item.filename = l:fault.file
			let l:item.col = l:fault.column
		endif
		call add(l:found, l:item)
	endfor
	return l:found
endfunction

call ale#linter#Define('tmailroutes', {
\	'name': 'tmail',
\	'executable': 'tmail',
\	'command': '%e routes check --format json --stdin-name %s -',
\	'callback': 'ale_linters#tmailroutes#tmail#Handle'
\})
