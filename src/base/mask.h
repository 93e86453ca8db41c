/* mask.h - what is shown in the place of a secret. */
#ifndef BASE_MASK_H
#define BASE_MASK_H

#define SECRET_MASK "********"

#endif
