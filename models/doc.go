// Package models contains the GORM models of the library's own tables. Their names begin with covet_, except for users,
// which the application may extend. The migrations of package migrations create them.
//
// Import it as covetmodels, because an application has a package models of its own:
//
//	var waiting int64
//	err := db.With(ctx).Model(&covetmodels.OutboxRow{}).
//		Where("state = ?", covetmodels.OutboxPending).
//		Count(&waiting).Error
package models
