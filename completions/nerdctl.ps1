# PowerShell completion for nerdctl, in $PROFILE:
#   nerdctl completion powershell | Out-String | Invoke-Expression
# For another name of the program: Register-ArgumentCompleter -Native -CommandName NAME -ScriptBlock $__nerdctlCompleter

$__nerdctlCompleter = {
    param($wordToComplete, $commandAst, $cursorPosition)

    $words = @($commandAst.CommandElements |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
        ForEach-Object { if ($null -ne $_.Value) { "$($_.Value)" } else { $_.Extent.Text } })
    $program = 'nerdctl'
    if ($words.Count -gt 0 -and (Get-Command -CommandType Application -ErrorAction Ignore $words[0])) { $program = $words[0] }
    $words = @($words | Select-Object -Skip 1)
    $typed = $commandAst.CommandElements |
        Where-Object { $_.Extent.StartOffset -lt $cursorPosition -and $_.Extent.EndOffset -ge $cursorPosition } |
        ForEach-Object { $_.Extent.Text.Substring(0, $cursorPosition - $_.Extent.StartOffset) } | Select-Object -Last 1
    $typed = "$typed"
    # Before 7.3 an empty argument is lost on the way to a program, unless it has quotes.
    $last = if ($typed -eq '' -and $PSNativeCommandArgumentPassing -notin 'Standard', 'Windows') { '""' } else { $typed }

    $lines = @(& $program __complete @words $last 2>$null)
    if ($lines.Count -eq 0 -or $lines[-1] -notmatch '^:(\d+)$') { return }
    $directive = [int]$Matches[1]
    if ($directive -band 1) { return }
    $lines = @($lines | Select-Object -SkipLast 1)

    # The words for --flag=VALUE are those of the value.
    $flag = ''
    if ($typed -match '^-[^=]*=') { $flag = $Matches[0] }
    $results = @(foreach ($line in $lines) {
        $word, $meaning = $line -split "`t", 2
        $text = "$flag$word"
        if (-not $text.StartsWith($typed, [StringComparison]::Ordinal)) { continue }
        if (-not $meaning) { $meaning = $word }
        $space = if (($directive -band 2) -or $text -match '[=:,/]$') { '' } else { ' ' }
        [System.Management.Automation.CompletionResult]::new("$text$space", $word, 'ParameterValue', $meaning)
    })
    if ($results.Count -gt 0) { return $results }
    # Nothing at all means files to PowerShell.
    if ($directive -band 4) { return '' }
}

Register-ArgumentCompleter -Native -CommandName 'nerdctl' -ScriptBlock $__nerdctlCompleter
# docker is this program where it is an alias of it.
if ((Get-Alias docker -ErrorAction Ignore).Definition -match 'nerdctl') {
    Register-ArgumentCompleter -Native -CommandName 'docker' -ScriptBlock $__nerdctlCompleter
}
