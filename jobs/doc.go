// Package jobs runs typed jobs in the background. A job is stored in the database, in the same transaction as the
// change that requires it, and asynq workers run it, in this process or in others.
//
// A job is a struct of arguments with a method Work. Its dependencies are passed to Work as deps, which are given at
// registration. Import the package as covetjobs, because an application has a package jobs of its own:
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
// # Guarantees
//
// [Client.Enqueue] writes a row into the table covet_outbox, in the transaction that the context carries. Once that
// transaction has committed, the job runs at least once, whichever process is killed or restarted, and even if Redis
// loses its data: the row is the source of truth, and Redis only carries deliveries. A job runs twice only if its
// worker is lost, or cannot reach the database for longer than a lease, between the end of the work and its recording.
// Jobs should therefore be idempotent. [Client.EnqueueDirect] skips the database: such a job runs at most once, and is
// lost with Redis.
//
// # Lifecycle of a row
//
//	held → pending                              (its turn in a chain, or the end of a batch)
//	pending → dispatched → running → done
//	   ↑          |           |    ↘ dead       (no retry left, or Permanent)
//	   ←──────────←───────────←                 (Redis emptied, worker lost, failed attempt)
//	all but the ended → cancelled               (Client.Cancel)
//
// The relay of each process claims due pending rows, hands them to asynq and marks them dispatched under the current
// epoch. The epoch is a random value in Redis that is lost together with the queue; dispatched rows of another epoch
// return to pending. A worker claims a row before it runs the job, extends the lease while it runs, and records the end
// before it acknowledges the task. Each return to pending increments the row's delivery number, and a task of an
// earlier delivery that Redis still holds is skipped. Sending twice is therefore harmless, and the relay sends again
// when a task is missing in Redis although the epoch is the same, and when a worker fetched a task and did not start
// it.
//
// # Failure
//
// A job has failed when it returns an error, panics or exceeds its timeout. It is retried after [DefaultBackoff] until
// Options.MaxRetry retries are used up; then it is dead. A [Permanent] error skips the retries. A job whose worker
// disappeared has not failed: it returns to pending when the lease (Config.Lease) ends, unless it has lost
// Config.MaxLosses workers in a row. [Snooze] is neither a failure nor a success.
//
// # One process or many
//
// On a Redis server any number of processes relay and run jobs. The embedded Redis belongs to one process, which holds
// the database lock "queue". A second process that is to run jobs gets [ErrQueueInUse]. A process that only enqueues
// needs nothing: the poll of the working process finds its rows.
package jobs
