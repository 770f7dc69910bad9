// Package account finds and creates accounts, verifies their passwords, and changes their state.
//
// Every change of state is one call of [Store.Apply], which also decides what becomes of each kind of credential:
// sessions, access tokens, mailed links and pending log-ins. The decisions are the table [decisions].
package account
