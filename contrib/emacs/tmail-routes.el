;;; tmail-routes.el --- routes.conf of tmail -*- lexical-binding: t; -*-

;;; Commentary:
;; (load "tmail-routes.el"): a mode for routes.conf whose faults flymake shows while one
;; types.  M-x compile RET tmail routes check routes.conf knows the places without this;
;; columns count characters: (setq compilation-error-screen-columns nil).

;;; Code:

(require 'conf-mode)
(require 'flymake)
(require 'json)

(defvar-local tmail-routes--process nil
  "The check under way.")

(defun tmail-routes--place (line column)
  "The position of LINE and COLUMN, which count from 1."
  (save-restriction
    (widen)
    (save-excursion
      (goto-char (point-min))
      (forward-line (1- line))
      (min (+ (point) (1- column)) (line-end-position)))))

(defun tmail-routes--diagnostic (buffer name fault)
  "What flymake shows in BUFFER, of the file NAME, of the alist FAULT."
  (let-alist fault
    (when (equal .file name)
      (let ((begin (tmail-routes--place .line .column))
            (end (tmail-routes--place .end_line .end_column)))
        (flymake-make-diagnostic
         buffer (min begin (max (point-min) (1- (point-max)))) (max end (1+ begin))
         (if (equal .severity "error") :error :warning)
         (if .help (format "%s: %s [%s]" .message .help .slug)
           (format "%s [%s]" .message .slug)))))))

(defun tmail-routes--report (buffer name output report)
  "Give REPORT the faults in OUTPUT that are in BUFFER, of the file NAME."
  (let ((faults (with-current-buffer output
                  (mapcar (lambda (line)
                            (let ((json-null nil)) (json-read-from-string line)))
                          (split-string (buffer-string) "\n" t)))))
    (with-current-buffer buffer
      (funcall report
               (delq nil (mapcar (lambda (fault)
                                   (tmail-routes--diagnostic buffer name fault))
                                 faults))))))

(defun tmail-routes-flymake (report &rest _)
  "Check the buffer as it is and give REPORT its faults."
  (when (process-live-p tmail-routes--process)
    (kill-process tmail-routes--process))
  (let ((buffer (current-buffer))
        (name (or (buffer-file-name) "-")))
    (setq tmail-routes--process
          (make-process
           :name "tmail" :noquery t :connection-type 'pipe
           :buffer (generate-new-buffer " *tmail*")
           :command (list "tmail" "routes" "check" "--format" "json" "--stdin-name" name "-")
           :sentinel
           (lambda (process _)
             (unless (process-live-p process)
               (unwind-protect
                   (when (and (buffer-live-p buffer)
                              (eq process (buffer-local-value 'tmail-routes--process buffer)))
                     (tmail-routes--report buffer name (process-buffer process) report))
                 (kill-buffer (process-buffer process)))))))
    (save-restriction
      (widen)
      (process-send-region tmail-routes--process (point-min) (point-max)))
    (process-send-eof tmail-routes--process)))

;;;###autoload
(define-derived-mode tmail-routes-mode conf-space-mode "Routes"
  "A mode for routes.conf of tmail."
  (add-hook 'flymake-diagnostic-functions #'tmail-routes-flymake nil t)
  (flymake-mode 1))

;;;###autoload
(add-to-list 'auto-mode-alist '("/\\(?:routes\\|tmail/.*\\|routes\\.d/.*\\)\\.conf\\'" . tmail-routes-mode))

(provide 'tmail-routes)
;;; tmail-routes.el ends here
