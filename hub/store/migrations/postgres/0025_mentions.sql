-- Colleagues who are named in a note: a list of their ids. None: nobody.
ALTER TABLE messages ADD COLUMN mentions TEXT;
