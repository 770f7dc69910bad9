package insert

import (
	"go/ast"
	"go/token"
)

// Place says where in a package code goes.
type Place interface {
	// find returns the spot in a file, if it has one.
	find(f *file) (position, bool)
	// example is a name for {var} when no file has the place.
	example() string
}

// position is where to insert code in a file.
type position struct {
	offset int
	vars   []string // the values of {var}, {var2} …
	list   *list    // nil for a statement
}

// list is what a spot in a list is about.
type list struct {
	open, end int // offsets behind the opening and before the closing bracket
	elements  int
	comma     bool // whether one follows the last element
}

// Function is the end of the function whose parameters have these types, each a pointer: "path.Type".
type Function struct {
	Params []string
	// After names a function: code goes behind the last statement that calls it, if there is one.
	After string
	// Example is what the first parameter is usually called.
	Example string
}

func (p Function) example() string { return p.Example }

func (p Function) find(f *file) (position, bool) {
	for _, decl := range f.ast.Decls {
		function, ok := decl.(*ast.FuncDecl)
		if !ok || function.Body == nil || function.Recv != nil || function.Type.Results != nil {
			continue
		}
		if vars, ok := p.match(f, function.Type.Params); ok {
			return position{offset: f.endOf(function.Body, p.After), vars: vars}, true
		}
	}
	return position{}, false
}

// match returns the names of the parameters if the first ones have the types.
func (p Function) match(f *file, params *ast.FieldList) ([]string, bool) {
	var names []string
	at := 0
	for _, field := range params.List {
		for _, name := range field.Names {
			if at < len(p.Params) && !f.isPointer(field.Type, p.Params[at]) {
				return nil, false
			}
			names = append(names, name.Name)
			at++
		}
	}
	return names, at >= len(p.Params) && at > 0 && names[0] != "_"
}

// endOf returns the offset of a new last statement: behind the last one that calls the function after, else before a
// return at the end, else before the closing brace.
func (f *file) endOf(body *ast.BlockStmt, after string) int {
	for i := len(body.List) - 1; i >= 0 && after != ""; i-- {
		if statement, ok := body.List[i].(*ast.ExprStmt); ok && calls(statement.X, after) {
			return f.offset(statement.End())
		}
	}
	if n := len(body.List); n > 0 {
		last := body.List[n-1]
		if _, ok := last.(*ast.ReturnStmt); !ok {
			return f.endOfLine(last.End(), body.Rbrace)
		}
		if n > 1 {
			return f.endOfLine(body.List[n-2].End(), last.Pos())
		}
	}
	return f.offset(body.Lbrace) + 1
}

// endOfLine returns the end of the line of pos, so that a comment there stays, but not behind the limit.
func (f *file) endOfLine(pos, limit token.Pos) int {
	at, last := f.offset(pos), f.offset(limit)
	for end := at; end < last; end++ {
		if f.text[end] == '\n' {
			return end
		}
	}
	return at
}

// calls reports whether an expression is a call of a function of this name, of any package and with any type arguments.
func calls(expr ast.Expr, name string) bool {
	call, ok := expr.(*ast.CallExpr)
	if !ok {
		return false
	}
	fun := call.Fun
	if index, ok := fun.(*ast.IndexExpr); ok {
		fun = index.X
	}
	selector, ok := fun.(*ast.SelectorExpr)
	return ok && selector.Sel.Name == name
}

// Variable is behind the last statement that hands on the variable which a call of a function, "path.Name", is assigned
// to.
type Variable struct {
	Call    string
	Example string
}

func (p Variable) example() string { return p.Example }

func (p Variable) find(f *file) (found position, ok bool) {
	ast.Inspect(f.ast, func(node ast.Node) bool {
		block, isBlock := node.(*ast.BlockStmt)
		if !isBlock || ok {
			return !ok
		}
		name := ""
		for _, statement := range block.List {
			switch {
			case name == "":
				if name = f.assigned(statement, p.Call); name != "" {
					found, ok = position{offset: f.endOfLine(statement.End(), block.Rbrace), vars: []string{name}}, true
				}
			case passes(statement, name):
				found.offset = f.endOfLine(statement.End(), block.Rbrace)
			}
		}
		return !ok
	})
	return found, ok
}

// assigned returns the name of the variable that the statement assigns a call of the function to.
func (f *file) assigned(statement ast.Stmt, call string) string {
	assign, ok := statement.(*ast.AssignStmt)
	if !ok || len(assign.Rhs) != 1 {
		return ""
	}
	made, ok := assign.Rhs[0].(*ast.CallExpr)
	if !ok || !f.isType(made.Fun, call) {
		return ""
	}
	ident, ok := assign.Lhs[0].(*ast.Ident)
	if !ok || ident.Name == "_" {
		return ""
	}
	return ident.Name
}

// passes reports whether the statement is a call whose first argument is the variable.
func passes(statement ast.Stmt, name string) bool {
	expr, ok := statement.(*ast.ExprStmt)
	if !ok {
		return false
	}
	call, ok := expr.X.(*ast.CallExpr)
	if !ok || len(call.Args) == 0 {
		return false
	}
	ident, ok := call.Args[0].(*ast.Ident)
	return ok && ident.Name == name
}

// List is the end of the first literal of a slice of this type: "path.Type", "Type", or with a star before.
type List struct {
	Elem    string
	Example string
}

func (p List) example() string { return p.Example }

func (p List) find(f *file) (found position, ok bool) {
	for _, decl := range f.ast.Decls {
		ast.Inspect(decl, func(node ast.Node) bool {
			literal, isLiteral := node.(*ast.CompositeLit)
			if !isLiteral || ok {
				return !ok
			}
			slice, isSlice := literal.Type.(*ast.ArrayType)
			if !isSlice || !f.isElem(slice.Elt, p.Elem) {
				return true
			}
			found, ok = f.listPosition(literal.Lbrace, literal.Rbrace, literal.Elts), true
			found.vars = parameters(decl)
			return false
		})
	}
	return found, ok
}

func (f *file) isElem(expr ast.Expr, name string) bool {
	if name[0] == '*' {
		return f.isPointer(expr, name[1:])
	}
	return f.isType(expr, name)
}

// parameters returns the names of the parameters of a function.
func parameters(decl ast.Decl) []string {
	function, ok := decl.(*ast.FuncDecl)
	if !ok {
		return nil
	}
	var names []string
	for _, field := range function.Type.Params.List {
		for _, name := range field.Names {
			names = append(names, name.Name)
		}
	}
	return names
}

// Arguments is the end of the arguments of a method of the variable which a call of a function, "path.Name", is
// assigned to.
type Arguments struct {
	Call, Method string
	Example      string
}

func (p Arguments) example() string { return p.Example }

func (p Arguments) find(f *file) (found position, ok bool) {
	name := ""
	ast.Inspect(f.ast, func(node ast.Node) bool {
		switch n := node.(type) {
		case ast.Stmt:
			if assigned := f.assigned(n, p.Call); name == "" {
				name = assigned
			}
		case *ast.CallExpr:
			selector, isSelector := n.Fun.(*ast.SelectorExpr)
			if !isSelector || ok || name == "" || selector.Sel.Name != p.Method {
				return true
			}
			if receiver, isIdent := selector.X.(*ast.Ident); isIdent && receiver.Name == name && !n.Ellipsis.IsValid() {
				found, ok = f.listPosition(n.Lparen, n.Rparen, n.Args), true
				found.vars = []string{name}
			}
		}
		return true
	})
	return found, ok
}

// listPosition is the end of what is between two brackets.
func (f *file) listPosition(open, end token.Pos, elements []ast.Expr) position {
	l := &list{open: f.offset(open) + 1, end: f.offset(end), elements: len(elements)}
	at := l.open
	if l.elements > 0 {
		at = f.offset(elements[l.elements-1].End())
		for next := at; next < l.end; next++ {
			if f.text[next] == ',' {
				at, l.comma = next+1, true
				break
			}
		}
		at = f.restOfLine(at, l.end)
	}
	return position{offset: at, list: l}
}

// restOfLine moves an offset to the end of its line, so that a comment there stays, if the line ends before the limit.
func (f *file) restOfLine(at, limit int) int {
	for end := at; end < limit; end++ {
		if f.text[end] == '\n' {
			return end
		}
	}
	return at
}
