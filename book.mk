# book.mk: what is made of the pages of docs/ besides the site.

# STUDENT=1 leaves the answers to the exercises out.
book: setup-book ## the book as PDF and EPUB into build/book; STUDENT=1: without answers
	$(call say,BOOK,$(B)/book)
	$(Q)scripts/make-book $(B)/book $(if $(filter-out 0,$(STUDENT)),--student)

slides: setup-book ## a deck of slides for each chapter into build/slides
	$(call say,SLIDES,$(B)/slides)
	$(Q)scripts/make-slides $(B)/slides

.PHONY: book slides
