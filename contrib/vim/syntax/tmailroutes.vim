" Vim syntax of routes.conf(5).
if exists("b:current_syntax")
  finish
endif

setlocal iskeyword+=-
syntax case match

syntax match tmailStatement "^\s*\%(route\|relay\|source\|list\|default\|include\|expect\)\>"
syntax match tmailId "\%(^\s*route\s\+\)\@<=\d\+\>"
syntax match tmailSelector "\%(\s\)\@<=\%(to\|user\|from\|file\)\ze\s"
syntax match tmailAction "\%(\s\)\@<=\%(via\|first\|reject\|defer\|discard\)\>"
syntax match tmailOption "\%(\s\)\@<=\%(port\|priority\|weight\|family\|local\|login\|password\|password-file\|token-file\|auth\|tls\|tls-name\|tls-cert\|tls-ca\|mail-from\|connections\|rate\|helo\|transport\)\ze\s"
syntax match tmailSpecial "\%(\s\|,\)\@<=\%(\*\|any\|<>\|mx\)\ze\%(\s\|,\|$\)"
syntax match tmailReference "\%(\s\|,\)\@<=[$@][^ \t,\"]\+"
syntax match tmailEscape "\\\%([\"\\t]\|x\x\x\)" contained
syntax region tmailString start=+"+ end=+"+ skip=+\\.+ oneline contains=tmailEscape
syntax match tmailComment "\%(^\|\s\)\@<=#.*$"
syntax match tmailContinuation "\\$"

highlight default link tmailStatement Statement
highlight default link tmailId Number
highlight default link tmailSelector Type
highlight default link tmailAction Keyword
highlight default link tmailOption Identifier
highlight default link tmailSpecial Special
highlight default link tmailReference PreProc
highlight default link tmailEscape SpecialChar
highlight default link tmailString String
highlight default link tmailComment Comment
highlight default link tmailContinuation Special

let b:current_syntax = "tmailroutes"
