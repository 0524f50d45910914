using System.Globalization;
using Kybernet.Cluster;
using Spectre.Console;

namespace Kybernet.Output;

/// <summary>Shows steps as they are done: under a spinner on a terminal, as plain lines elsewhere.</summary>
internal abstract class StepPrinter : IStepReporter, IDisposable
{
    /// <summary>A printer for the standard output as it is.</summary>
    public static StepPrinter Create(TimeProvider time) =>
        Console.IsOutputRedirected || !AnsiConsole.Profile.Capabilities.Ansi ? new PlainStepPrinter() : new SpinningStepPrinter(time);

    public abstract void Started(string step);

    public abstract void Finished(string step, TimeSpan elapsed, string detail);

    /// <summary>All steps are done: what is printed next stands below them.</summary>
    public abstract void Complete();

    public void Dispose() => Complete();

    protected static string Seconds(TimeSpan elapsed) => elapsed.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture) + " s";

    private sealed class PlainStepPrinter : StepPrinter
    {
        private readonly Lock _gate = new();

        public override void Started(string step)
        {
        }

        public override void Finished(string step, TimeSpan elapsed, string detail)
        {
            lock (_gate)
            {
                Console.WriteLine($"{step,-16} {Seconds(elapsed),8}  {detail}".TrimEnd());
            }
        }

        public override void Complete()
        {
        }
    }

    private sealed class SpinningStepPrinter : StepPrinter
    {
        private static readonly string[] Frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

        private readonly Lock _gate = new();
        private readonly List<string> _running = [];
        private readonly ITimer _timer;
        private int _frame;
        private bool _completed;

        public SpinningStepPrinter(TimeProvider time)
        {
            AnsiConsole.Cursor.Hide();
            _timer = time.CreateTimer(static state => ((SpinningStepPrinter)state!).Draw(), this, TimeSpan.Zero, TimeSpan.FromMilliseconds(80));
        }

        public override void Started(string step)
        {
            lock (_gate)
            {
                _running.Add(step);
            }
        }

        public override void Finished(string step, TimeSpan elapsed, string detail)
        {
            lock (_gate)
            {
                _running.Remove(step);
                ClearLine();
                AnsiConsole.MarkupLineInterpolated($"[green]✓[/] {step,-16} [grey]{Seconds(elapsed),8}[/]  {detail}");
            }
        }

        public override void Complete()
        {
            lock (_gate)
            {
                if (_completed)
                {
                    return;
                }
                _completed = true;
                _timer.Dispose();
                ClearLine();
                AnsiConsole.Cursor.Show();
            }
        }

        private void Draw()
        {
            lock (_gate)
            {
                if (_completed || _running.Count == 0)
                {
                    return;
                }
                ClearLine();
                AnsiConsole.MarkupInterpolated($"[blue]{Frames[_frame++ % Frames.Length]}[/] {string.Join(", ", _running)}");
            }
        }

        /// <summary>Back to the start of the line, and empty it.</summary>
        private static void ClearLine() => Console.Write("\r\e[2K");
    }
}
