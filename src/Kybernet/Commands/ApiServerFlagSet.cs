using System.CommandLine;
using Kybernet.ApiServer.Hosting;

namespace Kybernet.Commands;

/// <summary>kube-apiserver's flags, on a command that runs an API server.</summary>
internal sealed class ApiServerFlagSet
{
    private readonly IReadOnlyList<(ApiServerFlag Flag, Option<string?> Option)> _flags =
        [.. ApiServerFlags.All.Select(static flag => (flag, new Option<string?>(flag.Name) { Description = flag.Description, HelpName = flag.Value }))];

    public void AddTo(Command command)
    {
        foreach (var (_, option) in _flags)
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Those that were given. Files are named as the background process finds them, wherever it runs.</summary>
    public IReadOnlyDictionary<string, string> Of(ParseResult parsed) => _flags
        .Select(each => (each.Flag, Value: parsed.GetValue(each.Option)))
        .Where(static each => each.Value is not null)
        .ToDictionary(static each => each.Flag.Name, static each => each.Flag.IsPath && each.Value is not ("" or "-") ? Path.GetFullPath(each.Value!) : each.Value!);

    /// <summary>The flags again, for that process.</summary>
    public static IEnumerable<string> ArgumentsOf(IReadOnlyDictionary<string, string> values) => values.Select(static given => $"{given.Key}={given.Value}");
}
