// Package models holds the GORM models of the tables that the library itself ships. Their names begin with covet_, but
// for users, which the application may extend. The lines of package migrations create them.
//
// Import it as covetmodels, because an application has a package models of its own:
//
//	var waiting int64
//	err := db.With(ctx).Model(&covetmodels.OutboxRow{}).
//		Where("state = ?", covetmodels.OutboxPending).
//		Count(&waiting).Error
package models
