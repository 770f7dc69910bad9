package testserver

import (
	"flag"
	"strconv"
)

// SetParallel lets n tests of this process run at a time instead of one per processor, because tests of servers wait more
// than they compute. The flag -parallel overrides it. TestMain calls SetParallel before it runs the tests:
//
//	func TestMain(m *testing.M) {
//		testserver.SetParallel(6)
//		testserver.Exit(m.Run())
//	}
//
// Servers have a limited number of connections, of which an application takes several, so n is small where each test
// starts one.
func SetParallel(n int) {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		_ = flag.Set("test.parallel", strconv.Itoa(n)) // a number is valid
	}
}
