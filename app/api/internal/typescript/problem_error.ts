
/** A response with an error. Its problem says why (RFC 9457). */
export class ProblemError extends Error {
  readonly status: number;
  readonly problem: Problem;
  readonly response: Response;

  constructor(problem: Problem, response: Response) {
    super(problem.detail ?? problem.title);
    this.name = "ProblemError";
    this.status = response.status;
    this.problem = problem;
    this.response = response;
  }

  /** What is wrong with one part of the input: "/email". */
  fault(pointer: string): string | undefined {
    return this.problem.errors?.find((fault) => fault.pointer === pointer)?.detail;
  }
}

async function problemError(response: Response): Promise<ProblemError> {
  if (response.headers.get("Content-Type")?.startsWith("application/problem+json")) {
    return new ProblemError((await response.json()) as Problem, response);
  }
  const { status, statusText: title } = response;
  return new ProblemError({ type: "about:blank", title, status, code: `status_${status}` }, response);
}
