// How an application uses the client: it has to compile under tsc --strict.
import { Client, ProblemError, type BlobModel, type Post } from "./client";

const client = new Client({ baseUrl: "https://blog.example.com", token: async () => "secret", headers: { "X-App": "web" } });

export async function use(): Promise<void> {
  const posts: Post[] = await client.getPosts({ "X-Key": "k", q: "x", sort: ["title", "age"], limit: 2 }, { onResponse: (r) => r.headers.get("Link") });
  const blob: BlobModel = { a: 1 };
  const created = await client.postPosts({
    body: { title: "Hello", slug: "hello", category: 1, state: "draft", author: { email: "ada@example.com" }, blob, rating: null },
  });
  const read = await client.getPostsById({ id: created.id });
  // @ts-expect-error: members that the server sets cannot be sent
  await client.postPosts({ body: { id: 1, title: "x", slug: "xx", category: 1 } });
  // @ts-expect-error: an unknown state
  await client.changePost({ id: 1, "If-Match": read.title, body: { state: "gone" } });
  await client.postPostsByIdPicture({ id: 1, body: { caption: "c", file: new Blob(["x"]), more: [new Blob(["y"])] } });
  const logo: Blob = await client.putLogo({ body: new Blob(["x"]) });
  try {
    const nothing: void = await client.deletePostsById({ id: read.id }, { signal: AbortSignal.timeout(1000) });
    console.log(nothing, posts?.[0]?.tags?.length, logo.size);
  } catch (error) {
    if (error instanceof ProblemError) console.log(error.status, error.problem.code, error.fault("/title"));
  }
}
