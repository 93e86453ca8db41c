autocmd BufNewFile,BufRead routes.conf,*/tmail/*.conf,*/routes.d/*.conf setfiletype tmailroutes
