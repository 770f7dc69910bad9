// Package processtest runs the skeleton application as separate processes on
// real servers, stops and kills them, and counts what became of their work. It
// holds tests only.
package processtest
