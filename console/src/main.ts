import { mount } from 'svelte';
import './app.css';
import App from './App.svelte';
import { startKeys } from './lib/keys.svelte';
import { startClock } from './lib/now.svelte';
import { startRouter } from './lib/router.svelte';
import { applyTheme } from './lib/theme.svelte';

applyTheme();
startRouter();
startKeys();
startClock();
mount(App, { target: document.getElementById('app')! });
