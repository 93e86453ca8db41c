# The completions: what they offer exists, and what exists is offered; and vim's colours.

setup_file() {
	ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	export PATH=$(dirname "$(realpath "${TMAIL:-$ROOT/build/tmail}")"):$PATH
	export HOME=$BATS_FILE_TMPDIR TERM=dumb
}

setup() {
	COMPLETION=$BATS_TEST_DIRNAME/../../contrib/completion
	cd "$BATS_TEST_TMPDIR"
	cat >routes.conf <<-END
		relay acme relay.acme.example
		route 7 via a.example
		route 12 to b.example via b.example transport bulk
	END
}

needs() {
	type -P "$1" >/dev/null || skip "needs $1"
}

# wanted COMMAND - the long options of a command: those in the table of its source, and what its
# help has of the others.
wanted() {
	tmail routes "$1" --help | grep -oE -- '--[a-z-]+' | sort -u
}

# in_bash WORD... - what bash offers for the last of these words, which are as bash parts them.
in_bash() {
	bash -c 'source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tmail tmail "${!#}"
		printf "%s\n" "${COMPREPLY[@]}"' "$COMPLETION/tmail.bash" "$@"
}

# in_fish WORD... - as in_bash.  Behind what begins so, fish 4 offers what has the word inside.
in_fish() {
	fish --no-config -c 'source $argv[1]; complete -C "$argv[2..]"' "$COMPLETION/tmail.fish" \
	    "$@" | cut -f 1
}

in_zsh() {
	zsh -f "$BATS_TEST_DIRNAME/completion.zsh" "$COMPLETION/_tmail" "$PWD/offered.zsh" "$@" &&
		cat offered.zsh
}

# offers SHELL - every command and each of its long options, and no other.
offers() {
	local command

	[ "$(in_"$1" tmail routes '' | sort | grep -v '^-')" = \
	    $'add\ncheck\ncompile\ndel\ndiff\ndoctor\nexport\nfmt\nimport\nlist\nlookup\nnumber\nserve\nset\nshow\nstats\ntest\nverify' ]
	for command in list show add set del number compile check fmt test lookup diff import verify stats serve export doctor; do
		in_"$1" tmail routes "$command" - >offered
		for option in $(wanted "$command"); do
			grep -qxe "$option" offered || { echo "$1: $command $option"; return 1; }
		done
		while read -r option; do
			case $option in
			-h | --help) ;;
			-*) tmail routes "$command" "$option" --help >/dev/null 2>help ||
			    tmail routes "$command" "$option" x --help >/dev/null 2>help ||
			    { echo "$1: $command $option: $(cat help)"; return 1; } ;;
			esac
		done <offered
		[ "$(grep -c '^--' offered)" -ge 6 ]
	done
}

# values SHELL - where a value stands, what it may be and no option.
values() {
	[ "$(in_"$1" tmail routes add -c routes.conf -rh @)" = @acme ]
	in_"$1" tmail routes add -c routes.conf --transport '' | grep -qx bulk
	[ "$(in_"$1" tmail routes add --tls re)" = required ]
	[ -z "$(in_"$1" tmail routes lookup -d '')" ]
	[ "$(in_"$1" tmail routes add -r | sort)" = $'-rh\n-rl\n-rp\n-rpwd' ]
	[ "$(in_"$1" tmail deliver --lo)" = --log ]
	[ "$(in_"$1" tmail deliver --log no)" = none ]
	[ "$(in_"$1" tmail routes lookup --ex)" = --explain ]
	[ "$(in_"$1" tmail routes diff --format m)" = markdown ]
	[ "$(in_"$1" tmail routes diff routes.conf routes.c)" = routes.conf ]
	[ "$(in_"$1" tmail routes set 1 --max-change a)" = any ]
	[ "$(in_"$1" tmail rou | sort)" = $'route\nroutes' ]
}

# ids SHELL - those of the configuration named, and files where one is named.
ids() {
	[ "$(in_"$1" tmail routes del -c routes.conf 1)" = 12 ]
	[ "$(in_"$1" tmail routes set -c routes.conf @)" = @acme ]
	[ "$(in_"$1" tmail routes show -c routes.conf 1)" = 12 ]
	# With errors in it: what its own lines say, and the last index.
	tmail routes compile -q -c routes.conf
	{
		sed '/^route 7/d' routes.conf
		printf '%s\n' 'route 30 to c.example vai @new' ' relay new n.example login u password s3cret tsl off'
	} >wrong.conf
	cp routes.idx wrong.idx
	[ "$(in_"$1" tmail routes del -c wrong.conf '' | grep -v '^-' | sort -u | paste -sd ' ')" = '12 30 7 @acme @new' ]
	[ "$(in_"$1" tmail routes add -c wrong.conf -rh @n)" = @new ]
	[ -z "$(in_"$1" tmail routes del -c no.conf '' 2>&1 | grep -v '^-')" ]
	echo '# nothing' >none.conf
	! in_"$1" tmail routes del -c none.conf '' | grep -v '^-' | grep -q . || return
	[ "$(in_"$1" tmail routes list -c routes.c)" = routes.conf ]
}

@test "bash completes commands and options" {
	offers bash
}

@test "bash completes values" {
	values bash
	[ "$(in_bash tmail routes add -c routes.conf -rh @ @ac)" = @acme ]
	[ "$(in_bash tmail routes add --tls = re)" = required ]
}

@test "bash completes route IDs and files" {
	ids bash
}

@test "fish completes commands and options" {
	needs fish
	offers fish
}

@test "fish completes values" {
	needs fish
	values fish
	[ "$(in_fish tmail routes add --tls=re | head -n 1)" = --tls=required ]
}

@test "fish completes route IDs and files" {
	needs fish
	ids fish
}

@test "zsh completes commands and options" {
	needs zsh
	zsh -n "$COMPLETION/_tmail"
	offers zsh
}

@test "zsh completes values" {
	needs zsh
	values zsh
	[ "$(in_zsh tmail routes add --tls=re)" = required ]
	[ "$(in_zsh tmail routes add -c routes.conf --remote-host=@)" = @acme ]
}

@test "zsh completes route IDs and files" {
	needs zsh
	ids zsh
}

# groups - the colours vim gives to the words of a configuration, as GROUP:WORD.
groups() {
	cat >colours.vim <<-END
		execute 'set runtimepath^=' . fnameescape('$BATS_TEST_DIRNAME/../../contrib/vim')
		filetype on
		syntax enable
		edit routes.conf
		let out = ['filetype:' . &filetype]
		for l in range(1, line('\$'))
		  let c = 1
		  for w in split(getline(l), '\s\zs')
		    call add(out, synIDattr(synID(l, c, 0), 'name') . ':' . substitute(w, '\s*\$', '', ''))
		    let c += strlen(w)
		  endfor
		endfor
		call writefile(out, 'groups')
		quit!
	END
	vim -es -u NONE --not-a-term -S colours.vim </dev/null
	cat groups
}

@test "vim knows the file and colours its words" {
	needs vim
	printf '%s\n' 'route 7 to $partners user any via @relay port 25 # why' \
	    'list partners "a\tb"' >routes.conf
	diff - <(groups) <<-'END'
		filetype:tmailroutes
		tmailStatement:route
		tmailId:7
		tmailSelector:to
		tmailReference:$partners
		tmailSelector:user
		tmailSpecial:any
		tmailAction:via
		tmailReference:@relay
		tmailOption:port
		:25
		tmailComment:#
		tmailComment:why
		tmailStatement:list
		:partners
		tmailString:"a\tb"
	END
}
