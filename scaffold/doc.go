// Package scaffold writes a new application. It renders everything in memory first and touches the disk in one step,
// so that a mistake never leaves half a project behind:
//
//	project, err := scaffold.Plan(scaffold.Options{Name: "blog", Version: "v0.1.0"})
//	if err != nil {
//		return err
//	}
//	for _, file := range project.Files {
//		fmt.Println(file.Path, len(file.Content))
//	}
//	return project.Write("blog", false)
//
// The source is skeleton/, a real application that is compiled and tested as a part of this module. Rendering it means:
//
//   - Import paths below skeleton/ become those of the new module, in .go and in .templ files.
//   - The name covetapp, in texts and in file names, becomes the name of the application; "Covet App" its title; the
//     URL sqlite:storage/covetapp.db that of the first database.
//   - What belongs to a database or battery that was not chosen is left out: lines between markers, whole files, and
//     the folders of other dialects below migrations/.
//   - The generated code of templates is generated again, because it holds names and line numbers.
//   - go.mod and go.sum come from gomod/, which holds complete requirements for every choice.
//
// # Markers
//
// Markers are comments that stand alone on a line, in whatever syntax the file has:
//
//	// covet:if postgres|mysql
//	…kept when PostgreSQL or MySQL was chosen…
//	// covet:end
//
//	<!-- covet:if !admin -->
//	…kept when the admin was left out…
//	<!-- covet:end -->
//
//	# covet:file api
//
// The last form stands in the first lines of a file and decides about all of it. The names are sqlite, postgres, mysql,
// api, auth and admin. Blocks nest. Marker lines never appear in the output.
package scaffold
