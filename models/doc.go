// Package models holds the GORM models of the tables that the library itself ships. Their names begin with covet_, and
// the migration line of the library (package migrations) creates them.
//
// Import it as covetmodels, because an application has a package models of its own:
//
//	var waiting int64
//	err := db.With(ctx).Model(&covetmodels.OutboxRow{}).
//		Where("state = ?", covetmodels.OutboxPending).
//		Count(&waiting).Error
package models
