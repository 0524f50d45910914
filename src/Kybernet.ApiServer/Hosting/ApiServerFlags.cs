using System.Globalization;
using Kybernet.ApiServer.Admission.Configuration;

namespace Kybernet.ApiServer.Hosting;

/// <summary>One of kube-apiserver's flags.</summary>
/// <param name="Name">As it is written: <c>--max-requests-inflight</c>.</param>
/// <param name="Value">What its value is called in help, as in <c>N</c> or <c>FILE</c>.</param>
/// <param name="Description">What it does.</param>
/// <param name="Apply">Sets it. Throws a <see cref="FormatException"/> that says what is wrong with a value.</param>
public sealed record ApiServerFlag(string Name, string Value, string Description, Func<ApiServerOptions, string, ApiServerOptions> Apply)
{
    /// <summary>Whether its value is the path of a file or folder.</summary>
    public bool IsPath => Value is "FILE" or "DIR";
}

/// <summary>Those of kube-apiserver's flags that there are, by its names and with its defaults.</summary>
public static class ApiServerFlags
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<ApiServerFlag> All { get; } =
    [
        new("--enable-priority-and-fairness", "BOOL", "Let requests take turns by their priority level and flow [default: true].",
            static (options, value) => options with { FlowControl = options.FlowControl with { PriorityAndFairness = Bool(value) } }),
        new("--max-requests-inflight", "N", "How many requests that change nothing are answered at a time; 0 for any number [default: 400].",
            static (options, value) => options with { FlowControl = options.FlowControl with { MaxRequestsInFlight = Count(value) } }),
        new("--max-mutating-requests-inflight", "N", "How many requests that change something are answered at a time; 0 for any number [default: 200].",
            static (options, value) => options with { FlowControl = options.FlowControl with { MaxMutatingRequestsInFlight = Count(value) } }),
        .. AuthenticationFlags.All,
        .. AuditFlags.All,
        new("--admission-control-config-file", "FILE", "What admission plugins are configured with: an AdmissionConfiguration.",
            static (options, value) => options with { Admission = options.Admission with { Configurations = AdmissionOptions.ReadConfigurations(value) } }),
    ];

    /// <summary>Sets flags.</summary>
    /// <param name="options">What they change.</param>
    /// <param name="values">The flags' values by their names.</param>
    /// <exception cref="FormatException">There is no such flag, or its value will not do.</exception>
    public static ApiServerOptions Apply(ApiServerOptions options, IEnumerable<KeyValuePair<string, string>> values)
    {
        foreach (var (name, value) in values)
        {
            var flag = All.FirstOrDefault(flag => flag.Name == name) ?? throw new FormatException($"there is no flag {name}");
            try
            {
                options = flag.Apply(options, value);
            }
            catch (FormatException exception)
            {
                throw new FormatException($"{name}={value}: {exception.Message}", exception);
            }
        }
        return options;
    }

    internal static bool Bool(string value) => bool.TryParse(value, out var parsed) ? parsed : throw new FormatException("it is either true or false");

    internal static string[] List(string value) => value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    internal static int Count(string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : throw new FormatException("it is a number, and not a negative one");
}
