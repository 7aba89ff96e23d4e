# labs.mk: labs on the real source (docs/labs.md). scripts/lab does all of it.
#
# A learner's checkout has the file .lab, with the number of its lab: there N= and LAB= need not be given.

LAB_NUMBER = $(or $(LAB),$(N))

# What is built here once is copied to the trees of labs, so that little is left to build there.
lab-built: setup-build setup-run
	@[ -e .lab ] || $(MAKE) --no-print-directory disk.img

lab: lab-built ## start a lab on the real source: make lab N=4
	@scripts/lab start "$(LAB_NUMBER)" "$(DIR)"

labs: ## which labs there are
	@scripts/lab list

hint: ## a hint for a lab: make hint LAB=4; S=2 and S=3 say more
	@scripts/lab hint "$(LAB_NUMBER)" "$(S)"

grade: lab-built ## points for a lab, and why some are lost: make grade LAB=4; FROM=path, JSON=file
	@scripts/lab grade "$(LAB_NUMBER)" "$(FROM)" $(if $(JSON),--json "$(JSON)") $(if $(PUBLIC),--public) || [ $$? = 1 ]

grade-all: lab-built setup-lab ## the same for a class: make grade-all LAB=4 DIR=submissions; JSON=file
	@scripts/lab grade-all "$(LAB_NUMBER)" "$(DIR)" $(if $(JSON),--json "$(JSON)") $(if $(PUBLIC),--public) || [ $$? = 1 ]

hand-in: ## in a lab: what to hand in, as one file
	@scripts/lab hand-in

solution: ## what a lab takes out of the source: make solution LAB=4
	@scripts/lab solution "$(LAB_NUMBER)"

lab-archive: ## a lab for students, without solution and hidden tests: make lab-archive N=4
	@mkdir -p $(B)
	@scripts/lab archive "$(LAB_NUMBER)" "$(FILE)"

.PHONY: lab lab-built labs hint grade grade-all hand-in solution lab-archive
