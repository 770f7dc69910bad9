// Package jobs runs work in the background: typed jobs that are stored in the database together with the change that
// asks for them, and run by asynq workers, in this process or in others.
//
// A job is a struct of arguments with a method Work; what it needs besides comes in as deps, given at registration.
// Import the package as covetjobs, because an application has a package jobs of its own:
//
//	type Welcome struct {
//		UserID int64 `json:"user_id"`
//	}
//
//	func (j Welcome) Work(ctx context.Context, deps Deps) error {
//		return deps.Mail.Welcome(ctx, j.UserID)
//	}
//
//	covetjobs.Register[Welcome](client, deps)
//	client.Schedule("digest", "0 7 * * 1-5", Digest{})
//
//	err := db.Transaction(ctx, func(ctx context.Context) error {
//		if err := db.With(ctx).Create(&user).Error; err != nil {
//			return err
//		}
//		_, err := client.Enqueue(ctx, Welcome{UserID: user.ID})
//		return err // rolled back: no user, and no job
//	})
//
// # What is promised
//
// [Client.Enqueue] writes a row into the table covet_outbox, in the transaction that the context carries. From its
// commit on the job runs at least once, whatever is killed, restarted or emptied, Redis included: the row is the truth
// and Redis only carries word of it. It runs twice only if its worker is lost, or cut off from the database for longer
// than a lease, after the work and before its end could be recorded. Jobs should therefore be idempotent.
// [Client.EnqueueDirect] skips the database: at most once, and lost with Redis.
//
// # The life of a row
//
//	held → pending                              (its turn in a chain, or the end of a batch)
//	pending → dispatched → running → done
//	   ↑          |           |    ↘ dead       (no retry left, or Permanent)
//	   ←──────────←───────────←                 (Redis emptied, worker lost, failed attempt)
//	all but the ended → cancelled               (Client.Cancel)
//
// The relay of each process claims pending rows that are due, hands them to asynq and marks them dispatched under the
// epoch, a random value that lives in Redis and is therefore lost together with the queue: dispatched rows of another
// epoch are pending again. A worker makes a row its own before it runs it, keeps the lease extended while it runs, and
// records the end before it acknowledges the task. Each return to pending raises the row's delivery number; whatever
// Redis still holds of an earlier delivery is skipped. That makes sending again harmless, and so the relay does it in
// doubt: when a task is missing in Redis although the epoch is the same, and when a worker took one and did not start.
//
// # Failure
//
// A job that returns an error, panics or exceeds its timeout has failed. It is tried again after [DefaultBackoff],
// until Options.MaxRetry is used up; then it is dead. [Permanent] errors skip the retries. A job whose worker
// disappeared has not failed: it is pending again once the lease (Config.Lease) is over, unless it has lost
// Config.MaxLosses of them in a row. [Snooze] counts as neither.
//
// # One process or many
//
// On a Redis server any number of processes relay and work. The embedded Redis belongs to one process, which takes the
// database lock "queue"; a second one that wants to work gets [ErrQueueInUse], and one that only enqueues needs
// nothing: its rows are found by the poll of the working process.
package jobs
