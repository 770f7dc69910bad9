/** How a client reaches the API. */
export interface ClientOptions {
  /** Where the API is: "https://example.com". Defaults to the page's own origin. */
  baseUrl?: string;
  /** An access token, or a function that returns one. Browsers that are signed in need none. */
  token?: string | (() => string | undefined | Promise<string | undefined>);
  /** Headers of every request. */
  headers?: Record<string, string>;
  /** What sends requests. Defaults to the global fetch. */
  fetch?: typeof fetch;
}

/** What one call may say besides its input. */
export interface RequestOptions {
  signal?: AbortSignal;
  headers?: Record<string, string>;
  /** Sees the response before its body is read: its headers hold ETag and Link. */
  onResponse?: (response: Response) => void;
}

type Scalar = string | number | boolean;

interface Call {
  method: string;
  path: string;
  query?: Record<string, Scalar | Scalar[] | null | undefined>;
  headers?: Record<string, Scalar | Scalar[] | null | undefined>;
  body?: unknown;
  contentType?: string;
  answer: "json" | "blob" | "none";
  /** The scheme of the Authorization header. */
  scheme: string;
  fail: (response: Response) => Promise<Error>;
}

class BaseClient {
  private readonly options: ClientOptions;

  constructor(options: ClientOptions = {}) {
    this.options = options;
  }

  protected async send<T>(call: Call, options: RequestOptions): Promise<T> {
    const headers = new Headers({ ...this.options.headers, ...options.headers });
    headers.set("Accept", call.answer === "blob" ? "*/*" : "application/json");
    for (const [name, value] of Object.entries(call.headers ?? {})) {
      if (value !== undefined && value !== null) headers.set(name, String(value));
    }
    const token = typeof this.options.token === "function" ? await this.options.token() : this.options.token;
    if (token) headers.set("Authorization", `${call.scheme} ${token}`);
    const body = encodeBody(call, headers);
    const response = await (this.options.fetch ?? fetch)((this.options.baseUrl ?? "") + call.path + encodeQuery(call.query), {
      method: call.method,
      headers,
      ...(body === undefined ? {} : { body }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    options.onResponse?.(response);
    if (!response.ok) throw await call.fail(response);
    if (call.answer === "none" || response.status === 204) return undefined as T;
    return (call.answer === "json" ? await response.json() : await response.blob()) as T;
  }
}

function encodeQuery(query: Call["query"]): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value === undefined || value === null) continue;
    for (const item of Array.isArray(value) ? value : [value]) params.append(name, String(item));
  }
  const text = params.toString();
  return text === "" ? "" : `?${text}`;
}

function encodeBody(call: Call, headers: Headers): BodyInit | undefined {
  if (call.body === undefined || call.contentType === undefined) return undefined;
  if (call.contentType === "multipart/form-data") return encodeForm(call.body as Record<string, unknown>);
  headers.set("Content-Type", call.contentType);
  return call.contentType === "application/json" ? JSON.stringify(call.body) : (call.body as Blob);
}

function encodeForm(body: Record<string, unknown>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(body)) {
    if (value === undefined || value === null) continue;
    for (const item of Array.isArray(value) ? value : [value]) {
      form.append(name, item instanceof Blob ? item : String(item));
    }
  }
  return form;
}
