// One entry a name in lazy_calls.inc. Each jumps through a slot of its own, which leads to
// lazy_first until latchkey_lazy_find has put the library's function there. System V ABI
// for x86-64: whatever may carry an argument is kept, also how many vector registers do.

        .macro entry name
        .text
        .balign 16
        .globl  \name
        .hidden \name
        .type   \name, @function
\name:
        endbr64
        jmp     *slot_of_\name(%rip)
first_of_\name:
        endbr64
        leaq    slot_of_\name(%rip), %r11
        jmp     lazy_first
        .size   \name, . - \name
        .data
slot_of_\name:
        .quad   first_of_\name
        .endm

        .data
        .balign 8
        .globl  latchkey_lazy_slots
        .hidden latchkey_lazy_slots
latchkey_lazy_slots:
#define LAZY(name) entry name
#include "apps/lazy_calls.inc"

        .text
        .type   lazy_first, @function
lazy_first:
        .cfi_startproc
        pushq   %rbp
        .cfi_def_cfa_offset 16
        .cfi_offset %rbp, -16
        movq    %rsp, %rbp
        .cfi_def_cfa_register %rbp
        pushq   %rax
        pushq   %rdi
        pushq   %rsi
        pushq   %rdx
        pushq   %rcx
        pushq   %r8
        pushq   %r9
        pushq   %r10
        subq    $128, %rsp
        movaps  %xmm0, (%rsp)
        movaps  %xmm1, 16(%rsp)
        movaps  %xmm2, 32(%rsp)
        movaps  %xmm3, 48(%rsp)
        movaps  %xmm4, 64(%rsp)
        movaps  %xmm5, 80(%rsp)
        movaps  %xmm6, 96(%rsp)
        movaps  %xmm7, 112(%rsp)
        movq    %r11, %rdi
        call    latchkey_lazy_find
        movq    %rax, %r11
        movaps  (%rsp), %xmm0
        movaps  16(%rsp), %xmm1
        movaps  32(%rsp), %xmm2
        movaps  48(%rsp), %xmm3
        movaps  64(%rsp), %xmm4
        movaps  80(%rsp), %xmm5
        movaps  96(%rsp), %xmm6
        movaps  112(%rsp), %xmm7
        addq    $128, %rsp
        popq    %r10
        popq    %r9
        popq    %r8
        popq    %rcx
        popq    %rdx
        popq    %rsi
        popq    %rdi
        popq    %rax
        popq    %rbp
        .cfi_def_cfa %rsp, 8
        jmp     *%r11
        .cfi_endproc
        .size   lazy_first, . - lazy_first
        .section .note.GNU-stack,"",@progbits
