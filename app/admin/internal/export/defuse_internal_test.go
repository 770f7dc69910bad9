package export

import "testing"

// Threat: CSV injection (OWASP).
func TestDefuse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "plain": "plain", "a=b": "a=b", "=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "\t=1": "'\t'=1",
		"\r=1": "'\r'=1", "\n=1": "'\n'=1", "＝1": "'＝1", "＋1": "'＋1", "－1": "'－1", "＠x": "'＠x", "  =1": "'  =1", "\ufeff=1": "'\ufeff=1",
		"|cmd": "'|cmd", "%0A": "'%0A",
		// A list separator inside may end a cell.
		"x;=1+1": "x;'=1+1", "x\t=1": "x\t'=1", "x\n=1": "x\n'=1", "x\r\n+1": "x\r\n'+1", "x;-1": "x;'-1", "x;@a": "x;'@a",
		"x;＝1": "x;'＝1", "x;＋1;－1;＠a": "x;'＋1;'－1;'＠a", "x; =1": "x;' =1", "x;\ufeff=1": "x;'\ufeff=1", "x;\"=1\"": "x;'\"=1\"",
		";;=1": ";;'=1", "=1;=2": "'=1;'=2", "a;b=c": "a;b=c", "two\nlines; so": "two\nlines; so", "ends;": "ends;",
	} {
		if got := defuse(text); got != want {
			t.Errorf("defuse(%q) = %q, want %q", text, got, want)
		}
	}
}
