package realworld

import (
	"context"

	"gorm.io/gorm/clause"

	"github.com/covetgo/covet/app/api"
	"github.com/covetgo/covet/app/database"
)

type profiles struct{ db *database.DB }

// Profile is what others see of a user.
type Profile struct {
	Username  string `json:"username"`
	Bio       string `json:"bio"`
	Image     string `json:"image"`
	Following bool   `json:"following" doc:"whether the user who sends the request follows this one"`
}

func newProfile(user User, following bool) Profile {
	return Profile{user.Username, user.Bio, user.Image, following}
}

type username struct {
	Username string `path:"username" maxLength:"64"`
}

type showProfileInput struct {
	api.OptionalActor
	username
}

type followInput struct {
	api.Actor
	username
}

func (p *profiles) find(ctx context.Context, name string) (*User, error) {
	var user User
	return &user, p.db.With(ctx).First(&user, "username = ?", name).Error
}

func (p *profiles) show(ctx context.Context, in *showProfileInput) (*output[Profile], error) {
	user, err := p.find(ctx, in.Username)
	if err != nil {
		return nil, err
	}
	followed, err := followedBy(ctx, p.db, in.UserID(), user.ID)
	if err != nil {
		return nil, err
	}
	return &output[Profile]{newProfile(*user, followed[user.ID])}, nil
}

func (p *profiles) follow(ctx context.Context, in *followInput) (*output[Profile], error) {
	user, err := p.find(ctx, in.Username)
	if err != nil {
		return nil, err
	}
	row := Follow{FollowerID: in.UserID(), FollowedID: user.ID}
	err = p.db.With(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error
	return &output[Profile]{newProfile(*user, true)}, err
}

func (p *profiles) unfollow(ctx context.Context, in *followInput) (*output[Profile], error) {
	user, err := p.find(ctx, in.Username)
	if err != nil {
		return nil, err
	}
	err = p.db.With(ctx).Delete(&Follow{FollowerID: in.UserID(), FollowedID: user.ID}).Error
	return &output[Profile]{newProfile(*user, false)}, err
}

// followedBy returns which of the users another one follows. User 0 follows nobody.
func followedBy(ctx context.Context, db *database.DB, follower int64, users ...int64) (map[int64]bool, error) {
	followed := map[int64]bool{}
	if follower == 0 {
		return followed, nil
	}
	var ids []int64
	err := db.With(ctx).Model(&Follow{}).Where("follower_id = ? AND followed_id IN ?", follower, users).
		Pluck("followed_id", &ids).Error
	for _, id := range ids {
		followed[id] = true
	}
	return followed, err
}
