// How an application uses a client of an API with errors of its own: it has to compile under tsc --strict.
import { Client, ProblemError, ResponseError, type Note } from "./client";

const client = new Client({ token: "secret" });

export async function use(): Promise<void> {
  try {
    const { note } = await client.putV1Notes({ body: { note: { title: "Hello", tags: [] } } });
    const kept: Note = note;
    // @ts-expect-error: the body is in its envelope
    await client.putV1Notes({ body: { title: "Hello", tags: [] } });
    console.log(kept.tags.length);
  } catch (error) {
    if (error instanceof ResponseError) console.log(error.status, error.body?.errors.body.join(", "));
    if (error instanceof ProblemError) console.log(error.problem.code);
  }
}
