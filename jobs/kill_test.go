package jobs_test

const workerProcessEnv = "COVET_JOBS_TEST_WORKER"

func workerProcess() int { return 0 }
