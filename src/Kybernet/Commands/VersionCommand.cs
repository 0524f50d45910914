using System.CommandLine;
using System.Reflection;

namespace Kybernet.Commands;

/// <summary><c>kybernet version</c>: what this program is, and the level of the Kubernetes API that it serves.</summary>
internal static class VersionCommand
{
    private const string ApiLevel = "v1.36";

    public static Command Create()
    {
        var command = new Command("version", "Print the version.");
        command.SetAction(static _ =>
        {
            var version = Assembly.GetExecutingAssembly().GetName().Version!;
            Console.WriteLine($"kybernet v{version.ToString(3)} (Kubernetes API {ApiLevel})");
            return 0;
        });
        return command;
    }
}
