"""The office: form releases, the printed form, the paper route, erasing, holds, and access to one's data."""
