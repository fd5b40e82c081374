package locale

// Named gives a name that an office wrote in its own language, as a text in another one has it: in English, a proper
// name in quotation marks. Norwegian readers know it as the office's own word for the place.
func Named(name string, l Locale) string {
	if l != EN || name == "" {
		return name
	}
	return "“" + name + "”"
}
