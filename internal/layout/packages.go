package layout

// Import paths that several entries keep out.
var (
	drivers = []string{"modernc.org/", "github.com/libtnb/", "github.com/jackc/pgx/", "github.com/go-sql-driver/"}
	forTest = []string{"testing", Module + "app/apptest", Module + "internal/testserver", Module + "internal/madeup"}
)

// Packages is the table, layer by layer.
var Packages = []Package{
	{Path: "config", Layer: Leaf, Doc: "configuration from layers: defaults, files, environment, flags"},
	{Path: "models", Layer: Leaf, Doc: "GORM models of the library's tables"},
	{Path: "app/exit", Layer: Leaf, Doc: "exit codes and the text of an error on the command line"},
	{Path: "app/problem", Layer: Leaf, Doc: "errors of requests (RFC 9457)", Imports: []string{"app/text"}},
	{Path: "app/identity", Layer: Leaf, Doc: "who acts, and what they may do"},
	{Path: "app/log", Layer: Leaf, Doc: "the application's logger and its ring of recent lines"},
	{Path: "app/redis", Layer: Leaf, Doc: "one Redis connection, embedded or to a server"},
	{Path: "app/mail", Layer: Leaf, Doc: "mails and their transports"},
	{Path: "app/storage", Layer: Leaf, Doc: "files by key"},
	{
		Path: "app/database", Layer: Leaf, Doc: "databases behind one handle: transactions in the context, errors, searches",
		NeverLinks: drivers,
	},
	{
		Path: "app/paging", Layer: Leaf, Doc: "lists page by page: cursors, bounded searches, rows that the user may read",
		Imports: []string{"app/database", "app/identity", "app/problem"},
	},
	{Path: "app/database/sqlite", Layer: Leaf, Doc: "SQLite: one writer, many readers", Imports: []string{"app/database"}},
	{Path: "app/database/postgres", Layer: Leaf, Doc: "PostgreSQL", Imports: []string{"app/database"}},
	{Path: "app/database/mysql", Layer: Leaf, Doc: "MySQL and MariaDB", Imports: []string{"app/database"}},
	{Path: "app/validate", Layer: Leaf, Doc: "validation by struct tags", Imports: []string{"app/problem", "app/text"}},
	{
		Path: "app/internal/value", Layer: Leaf, Doc: "reads JSON and forms into Go values",
		Imports: []string{"app/problem", "app/text"},
	},
	{Path: "app/internal/format", Layer: Leaf, Doc: "values as pages show them: times, numbers, names"},
	{Path: "app/internal/connguard", Layer: Leaf, Doc: "bounds connections per address and floods of HTTP/2 frames"},
	{
		Path: "app/internal/upload", Layer: Leaf, Doc: "reads forms with files",
		Imports: []string{"app/problem", "app/text", "app/internal/value"},
	},
	{
		Path: "app/middleware", Layer: Leaf, Doc: "echo middleware",
		Imports: []string{"app/problem", "app/identity", "app/throttle"},
	},
	{
		Path: "app/text", Layer: Leaf,
		Doc: "texts in several languages, plural forms, and formats of dates and numbers",
	},
	{Path: "app/throttle", Layer: Leaf, Doc: "rate limits by key, in Redis or in memory", Imports: []string{"app/redis"}},
	{
		Path: "app/audit", Layer: Leaf, Doc: "the audit log: who did what, on what, from where",
		Imports: []string{"models", "app/database", "app/identity", "app/middleware"},
	},
	{
		Path: "app/auth/password", Layer: Leaf, Doc: "hashes, checks and generates passwords",
		Imports: []string{"app/internal/fortest", "app/auth/internal/texts"},
	},
	{Path: "app/auth/internal/texts", Layer: Leaf, Doc: "the texts of accounts", Imports: []string{"app/text"}},
	{Path: "app/internal/fortest", Layer: Leaf, Doc: "the key to what only tests may do, such as cheap hashing"},
	{
		Path: "migrations", Layer: Leaf, Doc: "sources of migrations and their runner", Imports: []string{"app/database"},
		NeverLinks: drivers,
	},
	{
		Path: "jobs", Layer: Leaf, Doc: "background jobs: the public API, which constructs the parts below it",
		Imports: []string{"models", "app/database", "app/redis", "jobs/inspect", "jobs/internal/..."},
	},
	{
		Path: "jobs/inspect", Layer: Leaf, Doc: "looks at jobs and changes them by hand, for the console and the admin",
		Imports: []string{"app/database", "jobs/internal/cron", "jobs/internal/job", "jobs/internal/store", "models"},
	},
	{
		Path: "jobs/internal/job", Layer: Leaf, Doc: "the vocabulary of jobs: states, rows, deliveries, errors",
		Imports: []string{"models"},
	},
	{
		Path: "jobs/internal/store", Layer: Leaf, Doc: "the only writer of the tables of jobs: one method for each transition",
		Imports: []string{"app/database", "jobs/internal/job", "models"},
	},
	{
		Path: "jobs/internal/transport", Layer: Leaf, Doc: "carries deliveries; the only importer of asynq",
		Imports: []string{"app/redis", "jobs/internal/job"},
	},
	{
		Path: "jobs/internal/limit", Layer: Leaf, Doc: "limits and rates by key, in Redis",
		Imports: []string{"jobs/internal/job"},
	},
	{Path: "jobs/internal/seal", Layer: Leaf, Doc: "encrypts arguments"},
	{
		Path: "jobs/internal/relay", Layer: Leaf, Doc: "sends pending rows, rescues jobs of lost workers, prunes",
		Imports: []string{"app/database", "jobs/internal/job", "jobs/internal/store", "models"},
	},
	{
		Path: "jobs/internal/worker", Layer: Leaf, Doc: "runs jobs, extends leases, writes heartbeats and statistics",
		Imports: []string{"app/database", "jobs/internal/job", "jobs/internal/limit", "jobs/internal/store", "models"},
	},
	{
		Path: "jobs/internal/schedule", Layer: Leaf, Doc: "fires the ticks of schedules",
		Imports: []string{"jobs/internal/cron", "jobs/internal/job", "jobs/internal/store", "models"},
	},
	{Path: "jobs/internal/cron", Layer: Leaf, Doc: "when a schedule ticks, across daylight saving"},

	{Path: "app/web/style", Layer: Leaf, Doc: "design tokens: colours, type and measures of every page"},
	{Path: "app/web", Layer: Web, Doc: "pages, forms, flash messages, assets"},
	{Path: "app/web/ui", Layer: Web, Doc: "components of forms", Imports: []string{"app/web"}},
	{Path: "app/web/markdown", Layer: Web, Doc: "Markdown of users on pages, as safe HTML", Imports: []string{"app/web/ui"}},

	{
		Path: "app", Layer: Kernel, Doc: "App, Module and its capabilities, lifecycle, HTTP servers",
		Imports: []string{"app/internal/dev", "internal/devlink", "internal/errorpage"},
		NeverLinks: append(append([]string{
			"github.com/fxamacker/", "github.com/PuerkitoBio/", "github.com/charmbracelet/",
		}, drivers...), forTest...),
	},
	{
		Path: "app/internal/dev", Layer: Kernel, Doc: "pages below /dev and error pages in development",
		Imports: []string{"internal/errorpage"},
	},

	{
		Path: "app/auth", Layer: Battery, Doc: "accounts, sessions, access tokens",
		Imports: []string{"app/auth/..."},
	},
	{Path: "app/auth/login", Layer: Battery, Doc: "what a step of a log-in, or a provider, implements"},
	{Path: "app/auth/internal/token", Layer: Battery, Doc: "mailed links and access tokens"},
	{
		Path: "app/auth/internal/session", Layer: Battery, Doc: "sessions and their cookies",
		Imports: []string{"app/auth/internal/texts", "app/auth/internal/token"},
	},
	{
		Path: "app/auth/internal/identify", Layer: Battery, Doc: "finds out who sends a request, and caches it",
		Imports: []string{"app/auth/internal/session", "app/auth/internal/texts", "app/auth/internal/token"},
	},
	{
		Path: "app/auth/internal/limit", Layer: Battery, Doc: "counts attempts",
		Imports: []string{"app/auth/internal/texts", "app/auth/internal/token"},
	},
	{
		Path: "app/auth/internal/account", Layer: Battery, Doc: "accounts: passwords, and what a change of their state does to credentials",
		Imports: []string{"app/auth/internal/identify", "app/auth/internal/session", "app/auth/internal/token"},
	},
	{
		Path: "app/auth/internal/flow", Layer: Battery, Doc: "log-ins of several steps, and those that wait for one",
		Imports: []string{"app/auth/internal/token", "app/auth/login"},
	},
	{
		Path: "app/auth/page", Layer: Battery, Doc: "what the pages of accounts show",
		Imports: []string{"app/auth/internal/texts"},
	},
	{Path: "app/auth/views", Layer: Battery, Doc: "the pages of accounts", Imports: []string{"app/auth/page"}},
	{Path: "app/auth/mails", Layer: Battery, Doc: "the mails of accounts"},
	{
		Path: "app/admin", Layer: Battery, Doc: "the admin: pages for registered models, accounts, jobs and history",
		Imports: []string{"app/admin/internal/..."},
	},
	{Path: "app/admin/internal/words", Layer: Battery, Doc: "texts of the admin"},
	{
		Path: "app/admin/internal/meta", Layer: Battery, Doc: "reads models and the options of resources",
		Imports: []string{"app/admin/internal/words"},
	},
	{
		Path: "app/admin/internal/views", Layer: Battery, Doc: "templates of the admin",
		Imports: []string{"app/admin/internal/words"},
	},
	{
		Path: "app/admin/internal/store", Layer: Battery, Doc: "lists and writes records",
		Imports: []string{"app/admin/internal/meta"},
	},
	{
		Path: "app/admin/internal/request", Layer: Battery, Doc: "reads forms and addresses of the admin",
		Imports: []string{"app/admin/internal/words"},
	},
	{
		Path: "app/admin/internal/registry", Layer: Battery, Doc: "resources by name, with permissions",
		Imports: []string{"app/admin/internal/meta"},
	},
	{
		Path: "app/admin/internal/query", Layer: Battery, Doc: "search, filters, order and pages of a list",
		Imports: []string{"app/admin/internal/meta", "app/admin/internal/request", "app/admin/internal/store", "app/admin/internal/words"},
	},
	{
		Path: "app/admin/internal/relation", Layer: Battery, Doc: "choices of related records",
		Imports: []string{
			"app/admin/internal/meta", "app/admin/internal/query", "app/admin/internal/registry",
			"app/admin/internal/request", "app/admin/internal/store", "app/admin/internal/views",
		},
	},
	{
		Path: "app/admin/internal/site", Layer: Battery, Doc: "layout, access, sections, dashboard",
		Imports: []string{
			"app/admin/internal/meta", "app/admin/internal/registry", "app/admin/internal/store",
			"app/admin/internal/views", "app/admin/internal/words",
		},
	},
	{
		Path: "app/admin/internal/bulk", Layer: Battery, Doc: "actions on several records",
		Imports: []string{
			"app/admin/internal/meta", "app/admin/internal/query", "app/admin/internal/registry",
			"app/admin/internal/request", "app/admin/internal/store", "app/admin/internal/views", "app/admin/internal/words",
		},
	},
	{
		Path: "app/admin/internal/export", Layer: Battery, Doc: "CSV files",
		Imports: []string{
			"app/admin/internal/meta", "app/admin/internal/query", "app/admin/internal/registry",
			"app/admin/internal/store",
		},
	},
	{
		Path: "app/admin/internal/form", Layer: Battery, Doc: "forms that create and change records",
		Imports: []string{
			"app/admin/internal/bulk", "app/admin/internal/meta",
			"app/admin/internal/query", "app/admin/internal/registry", "app/admin/internal/relation",
			"app/admin/internal/request", "app/admin/internal/store", "app/admin/internal/views", "app/admin/internal/words",
		},
	},
	{
		Path: "app/admin/internal/list", Layer: Battery, Doc: "lists of records",
		Imports: []string{
			"app/admin/internal/bulk", "app/admin/internal/meta",
			"app/admin/internal/query", "app/admin/internal/registry", "app/admin/internal/relation",
			"app/admin/internal/store", "app/admin/internal/views", "app/admin/internal/words",
		},
	},
	{
		Path: "app/admin/internal/auditui", Layer: Battery, Doc: "the audit log: widget and history pages",
		Imports: []string{
			"app/admin/internal/meta", "app/admin/internal/registry", "app/admin/internal/store",
			"app/admin/internal/views", "app/admin/internal/words",
		},
	},
	{Path: "app/admin/internal/jobsui/chart", Layer: Battery, Doc: "charts as SVG"},
	{Path: "app/admin/internal/jobsui/live", Layer: Battery, Doc: "streams changes to open pages"},
	{
		Path: "app/admin/internal/jobsui/view", Layer: Battery, Doc: "components of the pages about jobs",
		Imports: []string{"app/admin/internal/words"},
	},
	{
		Path: "app/admin/internal/jobsui", Layer: Battery, Doc: "pages about background jobs",
		Imports: []string{
			"app/admin/internal/jobsui/chart", "app/admin/internal/jobsui/live",
			"app/admin/internal/jobsui/view", "app/admin/internal/request", "app/admin/internal/words",
		},
	},
	{
		Path: "app/api", Layer: Battery, Doc: "typed endpoints, described in OpenAPI",
		Imports: []string{"app/api/internal/..."},
		NeverLinks: append([]string{
			"github.com/labstack/echo/v5", "github.com/danielgtaylor/huma/v2/adapters/", "github.com/santhosh-tekuri/",
			Module + "app/command",
		}, forTest...),
	},
	{Path: "app/api/internal/schema", Layer: Battery, Doc: "describes Go types as JSON Schema"},
	{Path: "app/api/internal/cbor", Layer: Battery, Doc: "CBOR as the second media type"},
	{Path: "app/api/internal/docs", Layer: Battery, Doc: "the page /docs"},
	{Path: "app/api/internal/typescript", Layer: Battery, Doc: "the TypeScript client"},

	{
		Path: "app/command", Layer: Command, Doc: "commands of an application's binary",
		Imports: []string{"internal/devlink"},
		NeverLinks: append(append([]string{
			"github.com/danielgtaylor/", Module + "app/api", Module + "scaffold/",
		}, drivers...), forTest...),
	},

	{
		Path: "scaffold", Layer: Tool, Doc: "renders and writes a new application",
		NeverLinks: []string{"github.com/labstack/echo/", "gorm.io/", "github.com/hibiken/asynq/"},
	},
	{Path: "scaffold/inflect", Layer: Tool, Doc: "derives names from names"},
	{Path: "scaffold/field", Layer: Tool, Doc: "reads fields on the command line", Imports: []string{"scaffold/inflect"}},
	{Path: "scaffold/ddl", Layer: Tool, Doc: "writes migrations", Imports: []string{"scaffold/field", "scaffold/inflect"}},
	{Path: "scaffold/insert", Layer: Tool, Doc: "edits Go files through their syntax tree"},
	{Path: "scaffold/templates", Layer: Tool, Doc: "templates of the generators"},
	{
		Path: "scaffold/generate", Layer: Tool, Doc: "generators: plan, render, check, write and remove what they make",
		Imports: []string{"scaffold", "scaffold/field", "scaffold/insert", "scaffold/generate/internal/..."},
	},
	{Path: "scaffold/generate/internal/usage", Layer: Tool, Doc: "errors of the command line"},
	{
		Path: "scaffold/generate/internal/project", Layer: Tool, Doc: "an application that is generated into",
		Imports: []string{"scaffold", "scaffold/generate/internal/usage", "scaffold/inflect"},
	},
	{Path: "scaffold/generate/internal/schema", Layer: Tool, Doc: "the tables that migrations create"},
	{
		Path: "scaffold/generate/internal/record", Layer: Tool, Doc: "the record of what was generated",
		Imports: []string{"scaffold/generate/internal/project", "scaffold/insert"},
	},
	{
		Path: "scaffold/generate/internal/render", Layer: Tool, Doc: "renders templates",
		Imports: []string{"scaffold", "scaffold/generate/internal/project", "scaffold/inflect", "scaffold/templates"},
	},
	{
		Path: "scaffold/generate/internal/resource", Layer: Tool, Doc: "names, fields and relations of a resource",
		Imports: []string{
			"scaffold", "scaffold/ddl", "scaffold/field", "scaffold/generate/internal/project",
			"scaffold/generate/internal/record", "scaffold/generate/internal/usage", "scaffold/inflect",
		},
	},
	{
		Path: "scaffold/generate/internal/typecheck", Layer: Tool, Doc: "type-checks generated code",
		Imports: []string{"scaffold/generate/internal/project"},
	},
	{
		Path: "scaffold/generate/internal/change", Layer: Tool, Doc: "a change of files: plan, write, revert",
		Imports: []string{
			"scaffold", "scaffold/generate/internal/project", "scaffold/generate/internal/record",
			"scaffold/generate/internal/usage", "scaffold/insert",
		},
	},
	{
		Path: "scaffold/generate/internal/noun", Layer: Tool, Doc: "the kinds that take fields: model, resource, parts of one",
		Imports: []string{
			"scaffold/field", "scaffold/generate/internal/project", "scaffold/generate/internal/record",
			"scaffold/generate/internal/resource", "scaffold/generate/internal/usage", "scaffold/inflect",
		},
	},
	{
		Path: "scaffold/generate/internal/kind", Layer: Tool, Doc: "what can be generated, one file for each kind",
		Imports: []string{
			"scaffold", "scaffold/ddl", "scaffold/field", "scaffold/generate/internal/change",
			"scaffold/generate/internal/noun", "scaffold/generate/internal/project",
			"scaffold/generate/internal/record", "scaffold/generate/internal/render",
			"scaffold/generate/internal/resource", "scaffold/generate/internal/schema",
			"scaffold/generate/internal/usage", "scaffold/inflect", "scaffold/insert",
		},
	},
	{
		Path: "internal/errorpage", Layer: Tool, Doc: "parts of error pages for developers",
		Imports: []string{"app/web/style"},
	},
	{Path: "internal/devlink", Layer: Tool, Doc: "the protocol between the dev server and the application that it starts"},
	{Path: "scaffold/internal/gomodgen", Layer: Development, Doc: "writes the go.mod templates of applications"},
	{
		Path: "cmd/covet", Layer: Tool, Doc: "the command line; its commands are in internal/cli, one file each",
		Imports: []string{"cmd/covet/internal/..."},
		NeverLinks: []string{
			"github.com/labstack/echo/", "gorm.io/", "github.com/hibiken/asynq/", "modernc.org/", "testing",
		},
	},
	{
		Path: "cmd/covet/internal/...", Layer: Tool,
		Doc: "commands, the checks of covet doctor, the dev server, templates of pages (views)",
		Imports: []string{
			"cmd/covet/internal/...", "scaffold", "scaffold/ddl", "scaffold/field", "scaffold/generate", "scaffold/inflect",
			"scaffold/insert", "config", "app/exit", "app/redis", "internal/devlink", "internal/errorpage",
		},
	},

	{
		Path: "scaffold/skeleton/...", Layer: Application,
		Doc: "the application that covet new writes, as compiled code",
	},
	{Path: "docs/examples/...", Layer: Application, Doc: "what the documents quote, as compiled and tested code"},
	{
		Path: "scaffold/skeleton/cmd/covetapp", Layer: Application, Doc: "the skeleton's binary, with every battery",
		NeverLinks: append([]string{
			"github.com/santhosh-tekuri/", "github.com/go-playground/", "github.com/chromedp/", "github.com/PuerkitoBio/",
			"github.com/charmbracelet/huh/", "github.com/a-h/templ/generator/", "github.com/a-h/parse/",
			"github.com/yuin/goldmark", "github.com/microcosm-cc/",
		}, forTest...),
	},

	{Path: "app/apptest", Layer: Testing, Doc: "an application under test"},
	{Path: "app/auth/authtest", Layer: Testing, Doc: "accounts for tests"},
	{Path: "app/storage/storagetest", Layer: Testing, Doc: "what every store has to do"},
	{Path: "internal/testserver", Layer: Testing, Doc: "databases and Redis of real servers for tests"},
	{Path: "jobs/internal/jobtest", Layer: Testing, Doc: "databases for tests of jobs"},
	{Path: "app/auth/internal/authdb", Layer: Testing, Doc: "databases for tests of accounts"},
	{Path: "app/admin/internal/admintest", Layer: Testing, Doc: "resources for tests of the admin"},
	{
		Path: "internal/texttest", Layer: Testing, Doc: "checks that texts and the code that uses them agree",
		Imports: []string{"app/text"},
	},
	{Path: "internal/madeup", Layer: Testing, Doc: "random resources for tests of generators"},

	{Path: "cmd/covet/internal/browsertest", Layer: Development, Doc: "covet serve in a browser"},
	{Path: "internal/browsertest/...", Layer: Development, Doc: "the skeleton in a browser"},
	{Path: "internal/processtest", Layer: Development, Doc: "the skeleton as processes that are stopped and killed"},
	{Path: "internal/layout/...", Layer: Development, Doc: "this table, its tests and its generator"},
	{Path: "internal/shop", Layer: Development, Doc: "an admin with many rows, to look at"},
	{Path: "bench/...", Layer: Development, Doc: "measurements against other libraries"},
	{Path: "docs", Layer: Development, Doc: "tests that compare the documents with the code"},
}
