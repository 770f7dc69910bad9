package panel

import "testing"

// Threat: CSV injection (OWASP).
func TestDefuse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "plain": "plain", "a=b": "a=b", "=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "\t=1": "'\t=1",
		"\r=1": "'\r=1", "\n=1": "'\n=1", "＝1": "'＝1", "＋1": "'＋1", "－1": "'－1", "＠x": "'＠x", "  =1": "'  =1", "\ufeff=1": "'\ufeff=1",
		"|cmd": "'|cmd", "%0A": "'%0A",
	} {
		if got := defuse(text); got != want {
			t.Errorf("defuse(%q) = %q, want %q", text, got, want)
		}
	}
}
