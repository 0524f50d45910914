using System.Diagnostics;

namespace Kybernet.EndToEnd.Fixture;

/// <summary>What a program printed and how it ended.</summary>
internal sealed record Result(string Command, int ExitCode, string Output, string Error)
{
    /// <summary>The output, of a program that must have succeeded.</summary>
    public string Succeeded()
    {
        Assert.True(ExitCode == 0, $"{Command}\nexit code {ExitCode}\n{Output}\n{Error}");
        return Output;
    }

    /// <summary>What it said on standard error, of a program that must have failed.</summary>
    public string Failed()
    {
        Assert.True(ExitCode != 0, $"{Command}\nsucceeded, and should not have:\n{Output}\n{Error}");
        return Error;
    }
}

/// <summary>Runs programs as a person would.</summary>
internal static class Shell
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(3);

    public static async Task<Result> RunAsync(
        string program, IReadOnlyList<string> arguments, string input, IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken)
    {
        using var process = Start(program, arguments, environment);
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(Timeout);
        var command = $"$ {Path.GetFileName(program)} {string.Join(' ', arguments)}";
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limited.Token);
            var error = process.StandardError.ReadToEndAsync(limited.Token);
            try
            {
                await process.StandardInput.WriteAsync(input.AsMemory(), limited.Token);
                process.StandardInput.Close();
            }
            catch (IOException)
            {
                // It ended without reading what it was given; how it ended is the result.
            }
            await process.WaitForExitAsync(limited.Token);
            return new Result(command, process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{command} did not end within {Timeout}");
        }
    }

    /// <summary>Starts a program that runs beside the test, which ends it.</summary>
    public static Process Start(string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }
        return Process.Start(start)!;
    }
}
