package main

// fault is one change that breaks Covet, and the packages whose tests must fail with it.
type fault struct {
	name string
	// in is the file, or the folder below which exactly one file without tests has the old text once.
	in       string
	old, new string
	// tests are the arguments of "go test": packages, and -run where the package has many tests.
	tests []string
}

// faults are in defences and state machines of every part. The old text is a line that is likely to stay when code moves.
var faults = []fault{
	{
		"auth: a link from a mail can be used again", "app/auth",
		"if used.RowsAffected != 1 {", "if used.RowsAffected > 1 {",
		[]string{"-run", "Link", "./app/auth", "./app/auth/internal/token"},
	},
	{
		"auth: the log-in leads on to another site", "app/auth",
		"if len(path) > 2000 || !web.IsLocal(path) {", "if len(path) > 2000 {",
		[]string{"-run", "Redirect", "./app/auth"},
	},
	{
		"auth: every password is right", "app/auth/password",
		"subtle.ConstantTimeCompare(key, stored.key) == 1", "subtle.ConstantTimeCompare(key, stored.key) >= 0",
		[]string{"./app/auth/password"},
	},
	{
		"auth: a pending log-in outlives a change of the password", "app/auth",
		"(err == nil && fingerprint(&user) != row.AccountHash)", "(err == nil && user.ID == 0)",
		[]string{"./app/auth/internal/flow"},
	},
	{
		"jobs: a row starts on two workers", "jobs/internal/store",
		"started = res.RowsAffected == 1", "started = res.RowsAffected >= 0",
		[]string{"-run", "Started", "./jobs/internal/store"},
	},
	{
		"jobs: the callback of a batch is enqueued twice", "jobs",
		`Model(&covetmodels.JobBatch{}).Where("id = ? AND finished_at IS NULL", id)`, `Model(&covetmodels.JobBatch{}).Where("id = ?", id)`,
		[]string{"-run", "Batch", "./jobs/internal/store"},
	},
	{
		"jobs: a payload of any size is stored", "jobs",
		"if len(r.payload) > MaxPayload {", "if len(r.payload) > 2*MaxPayload {",
		[]string{"-run", "Payload|Large|Argument|Enqueue", "./jobs", "./jobs/internal/store"},
	},
	{
		"jobs: a rate lets twice as many start", "jobs",
		"if arrival + step - burst <= now then", "if arrival + step - 2 * burst <= now then",
		[]string{"-run", "Rate", "./jobs", "./jobs/internal/limit"},
	},
	{
		"jobs: a schedule by day of month or week needs both", "jobs/internal/cron",
		"return ofMonth || ofWeek", "return ofMonth && ofWeek",
		[]string{"./jobs/internal/cron"},
	},
	{
		"throttle: one request more than the limit", "app/throttle",
		"if wait := next - c.burst - now; wait > 0 {", "if wait := next - c.burst - now; wait > c.interval {",
		[]string{"./app/throttle"},
	},
	{
		"web: anybody can plant a message", "app/web/flash.go",
		"if err != nil || !hmac.Equal([]byte(signature), []byte(r.sign(encoded))) {", "if _ = signature; err != nil {",
		[]string{"./app/web"},
	},
	{
		"web: scripts read the cookies", "app/web/cookie.go",
		"Secure: c.Secure, HttpOnly: true,", "Secure: c.Secure, HttpOnly: false,",
		[]string{"./app/web"},
	},
	{
		"web: a redirect to //example.com is local", "app/web/web.go",
		`|| strings.HasPrefix(target, "//") {`, "{",
		[]string{"./app/web"},
	},
	{
		"middleware: another site may write", "app/middleware/guard.go",
		"err := protection.Check(r)\n", "err := protection.Check(r)\n\t\t\tif r.Method == http.MethodPost {\n\t\t\t\terr = nil\n\t\t\t}\n",
		[]string{"./app/middleware"},
	},
	{
		"middleware: every client chooses its address", "app/middleware/proxies.go",
		"if !p.Trust(r.RemoteAddr) {", "if len(p.prefixes) == 0 {",
		[]string{"./app/middleware"},
	},
	{
		"identity: a rule for known users decides about everybody", "app/identity/policy.go",
		"return (known || r.anyone) && matches", "return matches",
		[]string{"./app/identity"},
	},
	{
		"migrations: an empty migration is applied", "migrations",
		"if err := source.checkWritten(path.Join(r.db.Dialect(), f.base)); err != nil {",
		`if err := source.checkWritten(path.Join(r.db.Dialect(), f.base)); err != nil && f.name == "" {`,
		[]string{"./migrations"},
	},
	{
		"database: hooks run although the savepoint was rolled back", "app/database/pool_tx.go",
		"t.hooks = t.hooks[:n]", "t.hooks = t.hooks[:len(t.hooks):len(t.hooks)]",
		[]string{"./app/database"},
	},
	{
		"config: a short secret is strong", "config/secret.go",
		"return len(key) < 32 || len(distinct) < 10", "return len(key) < 24 || len(distinct) < 10",
		[]string{"./config"},
	},
	{
		"validate: a host name may begin with a dash", "app/validate/format.go",
		"label[0] == '-' || ", "",
		[]string{"./app/validate"},
	},
	{
		"storage: a key leads out of the folder", "app/storage",
		"name[0] != '.' && ", "",
		[]string{"./app/storage/..."},
	},
	{
		"mail: a line break in the subject adds a header", "app/mail/mail.go",
		`if strings.ContainsAny(msg.Subject, "\r\n") {`, `if strings.Contains(msg.Subject, "\r\n\r\n") {`,
		[]string{"./app/mail"},
	},
	{
		"paging: a client makes up a cursor", "app/paging/cursor.go",
		"!hmac.Equal(data[:macLength], o.mac(key, data[macLength:])) {", "len(o.mac(key, data[macLength:])) == 0 {",
		[]string{"-run", "Cursor|Forged|Signed", "./app/paging"},
	},
	{
		"problem: a client reads the cause", "app/problem/problem.go",
		`return New(http.StatusInternalServerError, "internal", "").WithCause(err)`, `return New(http.StatusInternalServerError, "internal", err.Error()).WithCause(err)`,
		[]string{"./app/problem"},
	},
	{
		"admin: one may grant what one may not do", "app/admin",
		"if !actor.Permits(permission) {", `if permission == "" && !actor.Permits(permission) {`,
		[]string{"-run", "Account|Rank|Role|Permission", "./app/admin/..."},
	},
	{
		"admin: what is forbidden is allowed", "app/admin",
		"return r.Allows(verb) && g.can(", "return r.Allows(verb) || g.can(",
		[]string{"-run", "Check|Permission|Allow|Forbid|Access", "./app/admin/..."},
	},
	{
		"scaffold: a marker within a block that is left out is kept", "scaffold/marker.go",
		"m.blocks = m.blocks[:len(m.blocks)-1]", "m.blocks = m.blocks[:0]",
		[]string{"-run", "Marker", "./scaffold"},
	},
	{
		"generate: a file that was changed is overwritten", "scaffold/generate",
		"if !force && len(c.Conflicts()) > 0 {", "if !force && len(c.Conflicts()) > 99 {",
		[]string{"-run", "Edited|Conflict|Changed|Twice|Again", "./scaffold/generate"},
	},
	{
		"covet: a foreign workspace stops the build", "cmd/covet/internal/workspace",
		`append(environ[:len(environ):len(environ)], "GOWORK=off")`, "environ",
		[]string{"./cmd/covet/internal/workspace"},
	},
}
