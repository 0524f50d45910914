using System.Runtime.CompilerServices;
using System.Text;

namespace Kybernet.Scheduler.Tests;

/// <summary>
/// Runs the files of <c>testdata</c>: blocks of commands, a line of dashes, and what they print. With <c>KYBERNET_REWRITE=1</c> in the environment the
/// files are written anew, and the difference is for review.
/// </summary>
public sealed class InteractionTests
{
    public static TheoryData<string> Files
    {
        get
        {
            var files = new TheoryData<string>();
            foreach (var file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "testdata"), "*.txt").Order())
            {
                files.Add(Path.GetFileName(file));
            }
            return files;
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    [Trait("Conformance", "scheduler-resource-limits")]
    public async Task Commands_print_what_the_file_says(string file)
    {
        var source = Path.Combine(SourceFolder(), "testdata", file);
        var expected = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "testdata", file), TestContext.Current.CancellationToken);
        var actual = await RunAsync(expected);
        if (Environment.GetEnvironmentVariable("KYBERNET_REWRITE") == "1")
        {
            await File.WriteAllTextAsync(source, actual, TestContext.Current.CancellationToken);
            return;
        }
        Assert.Equal(expected, actual);
    }

    private static async Task<string> RunAsync(string text)
    {
        using var world = new TestWorld();
        var commands = new WorldCommands(world);
        var output = new StringBuilder();
        var isResult = false;
        foreach (var line in text.TrimEnd('\n').Split('\n'))
        {
            if (line.Length == 0)
            {
                isResult = false;
                output.Append('\n');
            }
            else if (line == "----")
            {
                isResult = true;
                output.Append("----\n").Append(commands.TakeOutput());
            }
            else if (!isResult)
            {
                output.Append(line).Append('\n');
                if (line[0] != '#')
                {
                    await commands.RunAsync(line);
                }
            }
        }
        return output.ToString();
    }

    private static string SourceFolder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
