
/** A response with an error, in the shape that the API declares. */
export class ResponseError extends Error {
  readonly status: number;
  /** What the API says of the error. It is undefined if something else, such as a proxy, sent the response. */
  readonly body: ErrorBody | undefined;
  readonly response: Response;

  constructor(body: ErrorBody | undefined, response: Response) {
    super(`${response.status} ${response.statusText}`);
    this.name = "ResponseError";
    this.status = response.status;
    this.body = body;
    this.response = response;
  }
}

async function responseError(response: Response): Promise<ResponseError> {
  const json = response.headers.get("Content-Type")?.startsWith("application/json") ?? false;
  return new ResponseError(json ? ((await response.json()) as ErrorBody) : undefined, response);
}
