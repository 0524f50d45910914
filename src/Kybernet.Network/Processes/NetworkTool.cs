using System.Diagnostics;

namespace Kybernet.Network.Processes;

/// <summary>Thrown when the kernel's network could not be changed, or is not as it has to be.</summary>
public sealed class NetworkToolException(string message) : Exception(message);

/// <summary>Runs the programs that change the kernel's network: <c>ip</c>, <c>bridge</c> and their like.</summary>
internal static class NetworkTool
{
    /// <summary>Runs one with something on its standard input.</summary>
    /// <returns>What it printed.</returns>
    /// <exception cref="NetworkToolException">It is missing, or fails.</exception>
    public static async Task<string> RunCheckedAsync(string program, IReadOnlyList<string> arguments, string input, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        };
        using var process = Start(start);
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        try
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
        }
        catch (IOException)
        {
            // It ended before it had read everything; its exit code says why.
        }
        process.StandardInput.Close();
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
        {
            throw new NetworkToolException($"{program} {string.Join(' ', arguments)} failed: {(await error).Trim()}");
        }
        return await output;
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw new NetworkToolException($"{start.FileName} cannot be started: {exception.Message}");
        }
    }
}
