"""The assignments of a class, from the zip given out to the report: ``spectra class``.

Read it in the order of the work:

1. `course`, the folder that all steps share; `release`, what students get.
2. `intake` finds what was handed in; `rebuild` puts the answers into a fresh notebook.
3. `execute` runs one notebook within `limits`, in a `sandbox` and behind a `guard`; `verdict` says
   what its checks may count for. `grade` does all of this for a class.
4. `gradebook` holds the marks; `feedback`, `marks` and `report` show them; `inventory` measures
   what a class gained. Pages and notes are in ``templates``.

`commands` is the command line round these.
"""
