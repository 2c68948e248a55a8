#include "match/sigma_priv.h"

bool sigma_correlation(struct sigma *s, const struct yaml *document, struct correlation *out)
{
	(void)out;
	return sigma_refuse(s, document->at, "correlations cannot be read yet");
}
