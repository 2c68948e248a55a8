# Completion of naubat(1) for bash: commands, their second words, options, files.

_naubat()
{
	local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} first='' second='' i
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-*) ;;
		*) if [ -z "$first" ]; then first=${COMP_WORDS[i]}; else second=${second:-${COMP_WORDS[i]}}; fi ;;
		esac
	done

	case $previous in
	--scopes)
		mapfile -t COMPREPLY < <(compgen -W 'report.write case.read case.write directory.read directory.write audit
			oversight account.read account.write regime.write' -- "$word"); return ;;
	--kind)
		[ "$first" = directory ] && mapfile -t COMPREPLY < <(compgen -W 'organisations contacts networks domains' -- "$word")
		[ "$first" = search ] && mapfile -t COMPREPLY < <(compgen -W 'report incident organisation message' -- "$word")
		return ;;
	--state) mapfile -t COMPREPLY < <(compgen -W 'new open waiting closed reopened' -- "$word"); return ;;
	--profile) mapfile -t COMPREPLY < <(compgen -W 'core core+ all' -- "$word"); return ;;
	--level) mapfile -t COMPREPLY < <(compgen -W 'informational low medium high critical' -- "$word"); return ;;
	--status) mapfile -t COMPREPLY < <(compgen -W 'stable test experimental deprecated unsupported' -- "$word"); return ;;
	--rules|--indicators|--allow|--overrides|--placeholders|--sources|--html|--output) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
	--node|--certificate|--db|--regime|--key|--checkpoint|--sign) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
	esac

	local words='--help' logs='--json --csv --output --since --until --where --format --sources --local --quiet -j'
	case $first in
	'') words="init demo serve case incident report request purge detect rules logons metrics search clock outbox directory owner mail account session token oversight journal backup restore regime help --version $words" ;;
	help) words='init demo serve case incident report request purge detect rules logons metrics search clock outbox directory owner mail account session token oversight journal backup restore regime' ;;
	init) words="--name --regime --team --prefix --host --mail-domain --listen --admin --admin-name --db
		--certificate --key --duty-mail --smtp-host --lmtp-listen $words" ;;
	demo) words="--port $words" ;;
	serve|backup) words="--db $words" ;;
	restore) words="--mark --release --db $words" ;;
	report)
		case $second in
		'') words="list show add take release give reject restore answer hold lift purge $words" ;;
		list) words="--state --owner --cursor --limit --node --json $words" ;;
		add) words="--title --reporter-name --reporter-contact --tlp --node --json $words" ;;
		give) words="--to --node --json $words" ;;
		reject) words="--reason --tell --node --json $words" ;;
		hold|lift|purge) words="--reason --node --json $words" ;;
		*) words="--node --json $words" ;;
		esac ;;
	search) words="--kind --cursor --limit --node --term -i $logs $words" ;;
	detect) words="--rules --indicators --allow --force --profile --level --status --tag --rule-id --overrides
		--placeholders --logsource --summary --timeline --timesketch --html --no-cache $logs $words" ;;
	logons|metrics) words="$logs $words" ;;
	rules)
		case $second in
		'') words="check explain stats $words" ;;
		check) words="--placeholders --sources --json $words" ;;
		explain) words="--rules --placeholders --sources $words" ;;
		stats) words="--placeholders --json $words" ;;
		esac ;;
	clock|outbox)
		case $second in
		'') words="list $words" ;;
		*) words="--state --cursor --limit --node --json $words" ;;
		esac ;;
	directory)
		case $second in
		'') words="list import export show add change contact network domain remove $words" ;;
		list) words="--q --sector --class --cursor --limit --node --json $words" ;;
		import) words="--kind --dry-run --node --json $words" ;;
		export) words="--kind --node $words" ;;
		add) words="--class --sector --province --cii --node --json $words" ;;
		change) words="--name --class --sector --province --cii --node --json $words" ;;
		contact) words="--change --name --role --address --phone --note --rank --node --json $words" ;;
		network|domain) words="--value --node --json $words" ;;
		remove) words="--item --node --json $words" ;;
		*) words="--node --json $words" ;;
		esac ;;
	case|incident)
		case $second in
		'') words="list show timeline open attach detach split withdraw merge unmerge join leave take release give title
			classify mark wait resume closing close reopen flag party unparty fact severity submit comment
			message preview let-in shut-out waive late hold lift purge $words" ;;
		open) words="--reports --title --owner --node --json $words" ;;
		split) words="--reports --title --node --json $words" ;;
		attach|detach) words="--reports --node --json $words" ;;
		join) words="--with --node --json $words" ;;
		merge) words="--into --node --json $words" ;;
		give) words="--to --node --json $words" ;;
		title) words="--title --node --json $words" ;;
		classify) words="--class --node --json $words" ;;
		mark) words="--tlp --node --json $words" ;;
		wait) words="--on --until --reason --node --json $words" ;;
		close) words="--resolution --reason --acknowledge --node --json $words" ;;
		flag) words="--flag --value --said-by --node --json $words" ;;
		party) words="--party --name --address --role --node --json $words" ;;
		unparty) words="--party --node --json $words" ;;
		fact) words="--party --fact --at --said-by --value --node --json $words" ;;
		severity) words="--factors --life-safety --band --reason --node --json $words" ;;
		submit) words="--party --stage --at --reference --duty --node --json $words" ;;
		message) words="--to --subject --tlp --hours --node --json $words" ;;
		preview) words="--to --subject --tlp --node --json $words" ;;
		let-in|shut-out) words="--team --node --json $words" ;;
		waive|late) words="--clock --reason --node --json $words" ;;
		reopen) words="--reason --node --json $words" ;;
		list) words="--state --owner --sector --class --band --sort --cursor --limit --node --json $words" ;;
		hold|lift|purge) words="--reason --node --json $words" ;;
		*) words="--node --json $words" ;;
		esac ;;
	purge)
		case $second in
		'') words="list confirm $words" ;;
		list) words="--state --cursor --limit --node --json $words" ;;
		*) words="--node --json $words" ;;
		esac ;;
	request)
		case $second in
		'') words="list answered withdraw $words" ;;
		list) words="--node --json $words" ;;
		*) words="--request --reason --node --json $words" ;;
		esac ;;
	owner|oversight) words="--node --json $words" ;;
	mail) [ -z "$second" ] && words="in $words" || words="--node $words" ;;
	account)
		case $second in
		'') words="list add set disable enable reset password sign-ins $words" ;;
		add) words="--name --team --organisation --roles --mail --node --json $words" ;;
		set) words="--name --team --roles --mail --node --json $words" ;;
		list|sign-ins) words="--cursor --limit --node --json $words" ;;
		password) words="--node $words" ;;
		*) words="--node --json $words" ;;
		esac ;;
	session)
		case $second in
		'') words="list end $words" ;;
		list) words="--cursor --limit --node --json $words" ;;
		*) words="--node --json $words" ;;
		esac ;;
	token)
		case $second in
		'') words="list make end $words" ;;
		make) words="--name --scopes --days --node $words" ;;
		*) words="--node --json $words" ;;
		esac ;;
	regime)
		case $second in
		'') words="check adopt list $words" ;;
		check) words="--json $words" ;;
		adopt) words="--dry-run --node --json $words" ;;
		list) words="--node --json $words" ;;
		esac ;;
	journal)
		case $second in
		'') words="verify prove check export rebuild checkpoint $words" ;;
		verify) words="--db --key --checkpoint $words" ;;
		prove|rebuild) words="--db $words" ;;
		check) words="--key $words" ;;
		export) words="--db --key --headers $words" ;;
		checkpoint) words="--db --sign --name $words" ;;
		esac ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
	case "$first $second" in
	detect*|search*|logons*|metrics*|'rules check'|'rules explain'|'rules stats'|'regime check'|'regime adopt'|'journal verify'|'journal check'|'journal export'|'journal rebuild'|'backup '|'restore ')
		mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$word") ;;
	esac
}

complete -o filenames -F _naubat naubat
