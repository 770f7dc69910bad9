package api

import "github.com/labstack/echo/v4"

func (m *Module) serveDocs(e *echo.Echo) { _ = e }
