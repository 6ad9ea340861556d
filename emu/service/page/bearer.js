// How a token is shown: in a header, and nowhere else.

export const bearer = (token) => (token ? { Authorization: `Bearer ${token}` } : {});
