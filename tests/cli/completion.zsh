# completion.zsh FUNCTION OUT WORD... - writes to OUT what a zsh on a terminal offers for the last word.
if [[ -o interactive ]]; then
	# Within the terminal: TAB leaves behind what it adds.
	stty -echo
	fpath=($FUNCTION:h $fpath)
	autoload -Uz compinit
	compinit -u -D
	compadd() {
		local -a hits

		if [[ "${(@)argv[1,(i)(-|--)]}" != *-[OAD]\ * ]]; then
			builtin compadd -O hits "$@"
			print -rC1 -- $hits >>$OUT
		fi
		builtin compadd "$@"
	}
	finish() { : >$OUT.done; }
	ask() { comppostfuncs=(finish); zle complete-word; }
	zle -N ask
	bindkey '^I' ask
	PS1=READY
else
	export FUNCTION=$1 OUT=$2
	: >$OUT
	rm -f $OUT.done
	zmodload zsh/zpty
	zpty terminal zsh -f -i
	zpty -w terminal "source $0"
	zpty -r terminal shown '*READY*'
	zpty -n -w terminal "${(j: :)argv[3,-1]}"$'\t'
	for ((i = 0; i < 200; i++)); do
		[[ -e $OUT.done ]] && break
		sleep 0.02
	done
	zpty -d terminal
	[[ -e $OUT.done ]]
fi
